# SPDX-License-Identifier: GPL-2.0
#
# The lab's part in the guest.

IMAGE_MANIFESTS	+= tests/lab/manifest
