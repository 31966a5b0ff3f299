# SPDX-License-Identifier: GPL-2.0

HOST_TESTS += $(wildcard tests/host/*.test)

include tests/dax/build.mk
include tests/lab/build.mk
include tests/platform/build.mk
include tests/target/build.mk
include tests/ras/build.mk
