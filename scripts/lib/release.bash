# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The releases of Debian that the project is built on, and what differs between them.
# Sourced after common.bash.
#
#   release_find     sets RELEASE_NAME and RELEASE_LINUX, the version whose linux-source
#                    it has.  Return: 1 if the release is none of the known ones
#   release_has_core Return: 0 if kernel/dax can be built into that Linux, or 1 and why
#                    in RELEASE_WHY
#   release_known    "Debian 12 or 13"
#   release_tarball LINUX   the path of its source

# VERSION_ID of os-release(5), Linux
readonly RELEASES="
12 6.1
13 6.12
"

# The Linux whose interface kernel/dax has.
# shellcheck disable=SC2034 # used by those who source this file
readonly CORE_LINUX=6.1

RELEASE_NAME=
RELEASE_LINUX=
RELEASE_WHY=

release_find()
{
	local id=

	# shellcheck source=/dev/null
	RELEASE_NAME=$(. /etc/os-release 2>/dev/null && echo "${PRETTY_NAME-}") || RELEASE_NAME=
	# shellcheck source=/dev/null
	id=$(. /etc/os-release 2>/dev/null && [[ ${ID-} == debian ]] && echo "${VERSION_ID-}") || id=
	RELEASE_LINUX=$(sed -n "s/^${id:-none} //p" <<<"$RELEASES")
	[[ -n $RELEASE_LINUX ]]
}

release_has_core()
{
	release_find || true
	# shellcheck disable=SC2034 # used by those who source this file
	RELEASE_WHY="kernel/dax is for Linux $CORE_LINUX, $RELEASE_NAME has ${RELEASE_LINUX:-another}"
	[[ $RELEASE_LINUX == "$CORE_LINUX" ]]
}

release_known()
{
	local known

	known=$(sed -n 's/^\([0-9]*\) .*/\1/p' <<<"$RELEASES" | paste -s -d ' ')
	echo "Debian ${known// / or }"
}

release_tarball()
{
	echo "/usr/src/linux-source-$1.tar.xz"
}
