# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables of target.sh and place.bash
#
# ras CASE: one case of /tests/ras/ras, poison in ordinary RAM; for the set-up ram.
#
# One JSON document on stdout, {"actual": TEXT}.

actual "$(/tests/ras/ras /mnt/disk case "$1")"
