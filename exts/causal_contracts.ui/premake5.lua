-- SPDX-License-Identifier: Apache-2.0
-- Links this extension into the Kit build that includes ../../premake5.lua.
local ext = get_current_extension_info()

-- Kit would add its own licence text; ours is Apache-2.0.
project_ext(ext, { copy_nvidia_ext_licence = false })

repo_build.prebuild_link {
    { "causal_contracts", ext.target_dir.."/causal_contracts" },
    { "data", ext.target_dir.."/data" },
    { "docs", ext.target_dir.."/docs" },
}
