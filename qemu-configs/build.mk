# SPDX-License-Identifier: GPL-2.0

include qemu-configs/acpi/build.mk
include qemu-configs/device/build.mk
include qemu-configs/tools/build.mk

IMAGE_MANIFESTS += qemu-configs/device/manifest
IMAGE_FILES += $(DEV_OUT)/test-access
