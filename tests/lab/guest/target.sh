# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# What a case of the lab is about.  Sourced by case and place.bash.
#
#   setup target      the set-up; what is poisoned
#   dir fstype dev    its mount, its kind of filesystem, its block device
#   at page           byte offset of the poisoned page in target, and its size
# shellcheck disable=SC2034 # who sources this uses them

read -r setup </run/lab-setup
page=4096
# in the middle of the second 2 MiB, so that a PMD's start and the page are told apart
at=$(((2 << 20) + 16 * page))
dir=/mnt/$setup
fstype=${setup%%-*}
dev=/dev/pmem0
case $setup in
ext4*|xfs*) target=$dir/data ;;
devdax*)    target=/dev/dax0.0 ;;
*)          target=$dev ;;
esac
