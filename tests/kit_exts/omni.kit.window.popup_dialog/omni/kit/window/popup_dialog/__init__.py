# SPDX-License-Identifier: Apache-2.0
"""Questions that the test answers through `shown`."""

shown = []


class MessageDialog:
    def __init__(self, title, message, ok_label, cancel_label, ok_handler, cancel_handler):
        self.title, self.message = title, message
        self.ok, self.cancel = lambda: ok_handler(self), lambda: cancel_handler(self)

    def show(self):
        shown.append(self)

    def hide(self):
        if self in shown:
            shown.remove(self)

    def destroy(self):
        self.hide()
        self.ok = self.cancel = None
