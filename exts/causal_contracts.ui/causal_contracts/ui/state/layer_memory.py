# SPDX-License-Identifier: Apache-2.0
"""What a layer says about some properties and applied schemas, and the way back to that.

Everything else in the layer stays as it is, so that undo spares what others wrote meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pxr import Sdf, Usd

Mine = Callable[[str], bool] | frozenset[str]
"""The properties that an edit may touch, by name: all that there may be, or whether one is."""

_LISTS = ("explicitItems", "prependedItems", "appendedItems", "addedItems", "deletedItems")


class Lost(Exception):  # noqa: N818 - undo came too late, nothing is wrong
    """The prim or the layer that an undo step belongs to is gone."""


@dataclass(frozen=True)
class _Prim:
    """One prim spec as it was."""

    path: Sdf.Path
    mine: Mine
    line: tuple[tuple[Sdf.Path, tuple[str, ...]], ...]
    """The specs that stood on the way to it, outermost first, each with its siblings."""
    plain: bool
    """Whether the spec was an `over`, which can be made again, or absent."""
    properties: frozenset[str]
    """Names of the properties that the memory keeps, at the same path."""
    schemas: Sdf.TokenListOp | None

    @property
    def existed(self) -> bool:
        return bool(self.line) and self.line[-1][0] == self.path


class LayerMemory:
    """What a layer said when this was made."""

    def __init__(self, layer: Sdf.Layer, touched: Mapping[Sdf.Path, Mine]) -> None:
        """Keep, of each prim spec, the properties and applied schemas that are `Mine`."""
        self.layer = layer
        self._kept = Sdf.Layer.CreateAnonymous("kept.usda")
        self._prims = [self._keep(path, mine) for path, mine in touched.items()]

    @classmethod
    def of(cls, target: Usd.EditTarget, touched: Mapping[str, Mine]) -> LayerMemory:
        """The same for prims of a stage, whose edits go to `target`."""
        paths = {target.MapToSpecPath(Sdf.Path(path)): mine for path, mine in touched.items()}
        return cls(target.GetLayer(), paths)

    def again(self) -> LayerMemory:
        """What the layer says now about the same things."""
        return LayerMemory(self.layer, {prim.path: prim.mine for prim in self._prims})

    def same(self, other: LayerMemory) -> bool:
        """Whether both say the same."""
        return all(self._alike(one, other, two) for one, two in self._pairs(other))

    def restore(self, instead_of: LayerMemory) -> None:
        """Let the layer say this again, where it said `instead_of`.

        Raises:
            Lost: the layer or one of the prims is gone; nothing was changed.
        """
        if self.layer.expired:
            raise Lost("the layer is closed")
        for prim in self._prims:
            if not prim.plain and not self.layer.GetPrimAtPath(prim.path):
                raise Lost(f"{prim.path} is gone")
        for prim, other in self._pairs(instead_of):
            if prim.existed and not self.layer.GetPrimAtPath(prim.path):
                self._make(prim)
            with Sdf.ChangeBlock():
                self._restore(prim, other)

    def _pairs(self, other: LayerMemory) -> list[tuple[_Prim, _Prim]]:
        return list(zip(self._prims, other._prims, strict=True))

    def _keep(self, path: Sdf.Path, mine: Mine) -> _Prim:
        spec = self.layer.GetPrimAtPath(path)
        Sdf.CreatePrimInLayer(self._kept, path)  # at the same path, which targets refer to
        names = _names(spec, mine) if spec else []
        for name in names:
            here = path.AppendProperty(name)
            Sdf.CopySpec(self.layer, here, self._kept, here)
        has = bool(spec) and spec.HasInfo("apiSchemas")
        return _Prim(
            path,
            mine,
            tuple(self._line(path)),
            not spec or spec.specifier == Sdf.SpecifierOver,
            frozenset(names),
            spec.GetInfo("apiSchemas") if has else None,
        )

    def _line(self, path: Sdf.Path) -> list[tuple[Sdf.Path, tuple[str, ...]]]:
        line = []
        for prefix in path.GetPrefixes():
            spec = self.layer.GetPrimAtPath(prefix)
            if not spec:
                break
            line.append((prefix, _siblings(self.layer, prefix)))
        return line

    def _alike(self, one: _Prim, other: LayerMemory, two: _Prim) -> bool:
        return (
            [path for path, _ in one.line] == [path for path, _ in two.line]
            and one.schemas == two.schemas
            and one.properties == two.properties
            and all(
                _fields(self._kept, path) == _fields(other._kept, path)
                for path in map(one.path.AppendProperty, one.properties)
            )
        )

    def _make(self, prim: _Prim) -> None:
        """Make the specs that were pruned again, each in its old place among its siblings."""
        for path, siblings in prim.line:
            if self.layer.GetPrimAtPath(path):
                continue
            Sdf.CreatePrimInLayer(self.layer, path)
            if path.IsPrimPath():
                now = [name for name in _siblings(self.layer, path) if name != path.name]
                before = set(siblings[: siblings.index(path.name)])
                index = max((now.index(name) + 1 for name in before & set(now)), default=0)
                _move(self.layer, path, index)

    def _restore(self, prim: _Prim, other: _Prim) -> None:
        spec = self.layer.GetPrimAtPath(prim.path)
        if spec is None and not prim.properties:
            return  # it did not exist, and does not
        spec = spec or Sdf.CreatePrimInLayer(self.layer, prim.path)
        for name in other.properties - prim.properties:
            if name in spec.properties:
                spec.RemoveProperty(spec.properties[name])
        for name in sorted(prim.properties):
            path = prim.path.AppendProperty(name)
            if _fields(self.layer, path) != _fields(self._kept, path):
                if name in spec.properties:
                    spec.RemoveProperty(spec.properties[name])
                Sdf.CopySpec(self._kept, path, self.layer, path)
        _restore_schemas(spec, prim.schemas, other.schemas)
        _prune(self.layer, prim)


def _names(spec: Sdf.PrimSpec, mine: Mine) -> list[str]:
    """Where the names are known no other property is looked at, which may be thousands."""
    if isinstance(mine, frozenset):
        return [name for name in sorted(mine) if spec.properties.get(name)]
    return [name for name in spec.properties.keys() if mine(name)]  # noqa: SIM118


def _fields(layer: Sdf.Layer, path: Sdf.Path) -> dict[str, object] | None:
    """Everything that a property spec says; None where there is none."""
    spec = layer.GetObjectAtPath(path)
    return {key: str(spec.GetInfo(key)) for key in spec.ListInfoKeys()} if spec else None


def _siblings(layer: Sdf.Layer, path: Sdf.Path) -> tuple[str, ...]:
    parent = layer.GetPrimAtPath(path.GetParentPath()) or layer.pseudoRoot
    return tuple(child.name for child in parent.nameChildren)


def _move(layer: Sdf.Layer, path: Sdf.Path, index: int) -> None:
    """USD moves no spec to its own path, so that the spec takes another name on the way."""
    aside = path.ReplaceName(f"{path.name}__moving")
    for source, goal in ((path, aside), (aside, path)):
        edits = Sdf.BatchNamespaceEdit()
        edits.Add(Sdf.NamespaceEdit(source, goal, index))
        layer.Apply(edits)


def _restore_schemas(
    spec: Sdf.PrimSpec, wanted: Sdf.TokenListOp | None, instead_of: Sdf.TokenListOp | None
) -> None:
    """Exactly where nobody else touched the list; else name by name."""
    now = spec.GetInfo("apiSchemas") if spec.HasInfo("apiSchemas") else None
    if now == wanted:
        return
    if now == instead_of or now is None:
        merged = wanted
    else:
        merged = _merged(now, wanted or Sdf.TokenListOp(), instead_of or Sdf.TokenListOp())
    if merged is None:
        spec.ClearInfo("apiSchemas")
    else:
        spec.SetInfo("apiSchemas", merged)


def _merged(
    now: Sdf.TokenListOp, wanted: Sdf.TokenListOp, instead_of: Sdf.TokenListOp
) -> Sdf.TokenListOp | None:
    merged = Sdf.TokenListOp.CreateExplicit([]) if now.isExplicit else Sdf.TokenListOp()
    for kind in _LISTS:
        items = list(getattr(now, kind))
        gone = set(getattr(instead_of, kind)) - set(getattr(wanted, kind))
        come = [one for one in getattr(wanted, kind) if one not in getattr(instead_of, kind)]
        items = [one for one in items if one not in gone]
        items += [one for one in come if one not in items]
        if items or (kind == "explicitItems" and now.isExplicit):
            setattr(merged, kind, items)
    empty = not merged.isExplicit and not any(getattr(merged, kind) for kind in _LISTS)
    return None if empty else merged


def _prune(layer: Sdf.Layer, prim: _Prim) -> None:
    """Remove the specs that did not stand there, as far as they say nothing."""
    stood = {path for path, _ in prim.line}
    for path in reversed(prim.path.GetPrefixes()):
        spec = layer.GetPrimAtPath(path)
        if path in stood or path.IsPrimVariantSelectionPath():
            return
        if spec and spec.specifier == Sdf.SpecifierOver and spec.isInert:
            siblings = (spec.nameParent or layer.pseudoRoot).nameChildren
            del siblings[spec.name]  # pyright: ignore[reportIndexIssue] - the stubs lack it
