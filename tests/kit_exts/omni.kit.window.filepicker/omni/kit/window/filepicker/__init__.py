# SPDX-License-Identifier: Apache-2.0
"""Files to open that the test chooses through `shown`."""

shown = []


class FilePickerDialog:
    def __init__(self, title, apply_button_label, click_apply_handler, item_filter_fn):
        self.title, self.choose, self.fits = title, click_apply_handler, item_filter_fn

    def show(self):
        shown.append(self)

    def hide(self):
        if self in shown:
            shown.remove(self)

    def destroy(self):
        self.hide()
        self.choose = self.fits = None
