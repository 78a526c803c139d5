# SPDX-License-Identifier: Apache-2.0
"""Files to write that the test chooses through `get_file_exporter().asked`."""


class FileExporter:
    def __init__(self):
        self.asked = None

    def show_window(self, **asked):
        self.asked = asked

    def hide_window(self):
        self.asked = None


_exporter = FileExporter()


def get_file_exporter():
    return _exporter
