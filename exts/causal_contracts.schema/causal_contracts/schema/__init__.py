# SPDX-License-Identifier: Apache-2.0
"""Importing this registers the codeless USD schema CausalContractAPI; no stage is opened.

USD builds its schema registry once, at its first use. A schema that is registered later stays
unknown for the life of the process: `is_active` tells, `registration_note` says what to do.
Reading and authoring contracts works either way.
"""

from pathlib import Path

try:
    from pxr import Plug, Usd
except ModuleNotFoundError as error:
    raise ImportError(
        "causal_contracts.schema needs USD's Python package pxr: "
        "pip install 'causal-contracts[usd]' (usd-core) or 'causal-contracts[preview]' "
        "(usd-exchange), never both; inside Kit enable omni.usd.libs"
    ) from error

__all__ = ["PLUGIN_NAME", "RESOURCES", "SCHEMA_NAME", "is_active", "registration_note"]

SCHEMA_NAME = "CausalContractAPI"
"""Name of the multiple-apply API schema, applied as `CausalContractAPI:<id>`."""

PLUGIN_NAME = "causalContracts"
"""Name of the plugin in USD's plugin registry."""

RESOURCES = Path(__file__).parent / "resources"
"""Folder of plugInfo.json, as `PXR_PLUGINPATH_NAME` or `RegisterPlugins` take it."""


def is_active() -> bool:
    """Whether USD knows the schema and its properties.

    Looks into USD's schema registry and thereby builds it, if nothing did before.
    """
    definition = Usd.SchemaRegistry().FindAppliedAPIPrimDefinition(SCHEMA_NAME)
    return definition is not None and bool(definition.GetPropertyNames())


def registration_note() -> str | None:
    """What to do to make the schema active in the next process; None where it is active now."""
    if is_active():
        return None
    return (
        f"USD built its schema registry before {SCHEMA_NAME} was registered: contracts read and "
        "write as usual, but the property panel shows no names, defaults or choices until you "
        "restart, in Kit with the extension causal_contracts.schema autoloaded, elsewhere with "
        f"PXR_PLUGINPATH_NAME={RESOURCES} in the environment."
    )


def _register() -> None:
    """Register the plugin, unless a copy of it (another folder, the plugin path) is known."""
    registry = Plug.Registry()
    if not registry.GetPluginWithName(PLUGIN_NAME):
        registry.RegisterPlugins(str(RESOURCES))


_register()
