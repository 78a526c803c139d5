-- SPDX-License-Identifier: Apache-2.0
-- Links exts/* into a Kit build: at the root of a checkout with Kit's repo tool, or by
-- include("PATH") from another Kit project's premake5.lua. Without that tool it does nothing.

if repo_build == nil then
    local found, build = pcall(require, "omni/repo/build")
    if not found then
        print("causal-contracts: no Kit build here (Kit's repo tool is absent), nothing to link")
        return
    end
    repo_build = build
    root = repo_build.get_abs_path(".")
    kit = require("_repo/deps/repo_kit_tools/kit-template/premake5-kit")
    kit.setup_all({ cppdialect = "C++17" })
end

-- kit.setup_all looks into source/extensions only.
for _, ext in ipairs(os.matchdirs("exts/*")) do
    if os.isfile(ext.."/premake5.lua") then
        include(ext)
    end
end
