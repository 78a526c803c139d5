# SPDX-License-Identifier: Apache-2.0
"""The device of the Isaac Lab tests: the CPU, or what LAB_DEVICE names, e.g. cuda:0."""

import os

import torch

DEVICE = os.environ.get("LAB_DEVICE", "cpu")

if DEVICE != "cpu":
    torch.set_default_device(DEVICE)
    on_the_host = torch.Tensor.numpy

    def numpy(tensor: torch.Tensor):
        """What a test reads of a tensor, wherever it lies."""
        return on_the_host(tensor.detach().cpu())

    torch.Tensor.numpy = numpy
