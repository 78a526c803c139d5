# SPDX-License-Identifier: Apache-2.0
"""Colours, sizes and the style sheet of the panel."""

from __future__ import annotations

import omni.ui as ui

PANEL = ui.color("#323434")
HEADER = ui.color("#2D2F2F")
INPUT = ui.color("#1F2124")
SELECTED = ui.color("#424A4B")
HOVERED = ui.color("#3A3F40")
TEXT = ui.color("#D8D8D8")
DIM = ui.color("#9E9E9E")
OFF = ui.color("#6E7272")
ACCENT = ui.color("#76B900")
PRIMARY = ui.color("#3D5A1E")
FIRED = ui.color("#E0A030")
ACTIVE = ui.color("#4A9EDA")
ERROR = ui.color("#D05050")
ERROR_TEXT = ui.color("#F4A6A6")
"""Of words, which must be read on a selected row, too."""
DARK = ui.color("#141616")
CLEAR = ui.color("#00000000")

STATE_COLORS = {"ok": ACCENT, "disabled": DIM, "warning": FIRED, "error": ERROR, "info": ACTIVE}
"""By row state, and by severity of a finding; a glyph says the same to whom colours do not."""

GAP = 4
GUTTER = 12
"""What a scrolling frame keeps free at its right for the bar."""
ROW = 26
TWO_LINES = 44
LABEL = 40
NUMBER = 80
"""Width of a number with its unit."""

_FIELD = {"background_color": INPUT, "color": TEXT, "font_size": 15, "border_radius": 3}

STYLE = {
    "Window": {"background_color": PANEL, "border_width": 0},
    "ScrollingFrame": {"background_color": CLEAR, "secondary_color": SELECTED, "scrollbar_size": 6},
    "Label": {"color": TEXT, "font_size": 15},
    "Label::dim": {"color": DIM, "font_size": 13},
    "Label::off": {"color": OFF, "font_size": 15},
    "Label::note": {"color": DIM, "font_size": 13},
    "Label::error": {"color": ERROR_TEXT, "font_size": 13},
    "Label::glyph": {"color": DARK, "font_size": 13},
    "Rectangle::header": {"background_color": HEADER, "border_radius": 3},
    "Rectangle::row": {"background_color": INPUT, "border_radius": 3},
    "Rectangle::row:hovered": {"background_color": HOVERED},
    "Rectangle::selected": {"background_color": SELECTED, "border_radius": 3},
    "Rectangle::combo": {"background_color": INPUT, "border_radius": 3},
    "Rectangle::combo:hovered": {"background_color": HOVERED},
    "Rectangle::catcher": {"background_color": CLEAR},
    "Rectangle::line": {"background_color": CLEAR, "border_radius": 3},
    "Rectangle::line:hovered": {"background_color": HOVERED},
    "Rectangle::border": {"background_color": CLEAR, "border_radius": 3},
    "Rectangle::border:hovered": {"background_color": HOVERED},
    "Rectangle::thumb": {"background_color": ui.color("#9E9E9E70"), "border_radius": 3},
    "Rectangle::thumb:hovered": {"background_color": DIM},
    "Rectangle::sign": {"background_color": FIRED, "border_radius": 1},
    "Rectangle::sheet": {
        "background_color": CLEAR,
        "border_color": DIM,
        "border_width": 1,
        "border_radius": 1,
    },
    "Rectangle::grip": {"background_color": SELECTED, "border_radius": 1},
    "Label::head": {"color": DIM, "font_size": 13},
    "Rectangle::fires": {"background_color": PRIMARY},
    "Rectangle::triggerline": {"background_color": ACCENT},
    "Rectangle::effectline": {"background_color": ACTIVE},
    "Rectangle::other": {"background_color": DIM},
    "Rectangle::restmark": {
        "background_color": CLEAR,
        "border_color": DIM,
        "border_width": 1,
        "border_radius": 2,
    },
    "Circle::now": {"background_color": TEXT},
    "Circle::aim": {"background_color": CLEAR, "border_color": TEXT, "border_width": 1.5},
    "Circle::aimoff": {"background_color": CLEAR, "border_color": OFF, "border_width": 1.5},
    "Circle::aimdot": {"background_color": TEXT},
    "Circle::aimdotoff": {"background_color": OFF},
    "Label::headlit": {"color": TEXT, "font_size": 13},
    "Circle::head": {"background_color": DIM},
    "Triangle::lit": {"background_color": TEXT},
    "Triangle::arrow": {"background_color": DIM},
    "Rectangle::box": {"background_color": INPUT, "border_radius": 3},
    "Rectangle::card": {"background_color": HEADER, "border_radius": 3},
    "Rectangle::track": {"background_color": SELECTED, "border_radius": 3},
    "Rectangle::progress": {"background_color": ACCENT, "border_radius": 3},
    "Rectangle::refusal": {
        "background_color": INPUT,
        "border_color": ERROR,
        "border_width": 1,
        "border_radius": 3,
    },
    "Rectangle::done": {
        "background_color": INPUT,
        "border_color": PRIMARY,
        "border_width": 1,
        "border_radius": 3,
    },
    "Button": {"background_color": INPUT, "border_radius": 3, "margin": 0, "padding": 4},
    "Button:hovered": {"background_color": SELECTED},
    "Button:pressed": {"background_color": HEADER},
    "Button.Label": {"color": TEXT, "font_size": 15},
    "Button::on": {"background_color": PRIMARY},
    "Button::on:hovered": {"background_color": PRIMARY},
    "Button::boxed": {"background_color": PANEL},
    "Button::boxed:hovered": {"background_color": SELECTED},
    "Button::off": {"background_color": HEADER},
    "Button::off:hovered": {"background_color": HEADER},
    "Button.Label::off": {"color": OFF},
    "Field": _FIELD,
    "Field::inline": {**_FIELD, "border_color": ACTIVE, "border_width": 1, "padding": 2},
    "Field::off": {**_FIELD, "color": OFF},
    "CheckBox": {"background_color": TEXT, "color": DARK, "border_radius": 3, "font_size": 13},
    "Tooltip": {"background_color": DARK, "color": TEXT, "border_width": 0, "padding": 6},
}
POPUP = {
    **STYLE,
    "Window": {
        "background_color": HEADER,
        "border_color": SELECTED,
        "border_width": 1,
        "border_radius": 4,
    },
}
"""Of what opens over the panel."""
