# SPDX-License-Identifier: GPL-2.0

HOST_TESTS += $(filter-out %/README.md,$(wildcard tests/host/*.test))
