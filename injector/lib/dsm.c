// SPDX-License-Identifier: GPL-2.0
/* Functions of the NVDIMM root device's _DSM: the one place that reads a status. */
#include <endian.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dsm.h"
#include "platform.h"
#include "util.h"

static int status_to_errno(uint32_t status)
{
	switch (status & 0xffff) {
	case 0:
		return 0;
	case 1:
		return -EOPNOTSUPP;
	case 2:
		return -EINVAL;
	case 6:
		return -EBUSY;
	default:
		return -EIO;
	}
}

int dsm_has(const char *bus, unsigned long functions)
{
	char text[32];
	int rc = read_text(text, sizeof(text), "/sys/bus/nd/devices/%s/nfit/dsm_mask", bus);

	if (rc < 0)
		return is_absent(rc) ? 0 : rc;
	return (strtoul(text, NULL, 16) & functions) == functions;
}

int dsm_call(const char *bus, unsigned int func, const void *in, size_t in_size,
	     void *out, size_t out_size, size_t want, size_t *got)
{
	uint32_t status;
	int rc = machine->dsm(bus, func, in, in_size, out, out_size, got);

	if (rc)
		return rc;
	if (*got < sizeof(status))
		return -ENODATA;
	memcpy(&status, out, sizeof(status));
	rc = status_to_errno(le32toh(status));
	if (!rc && *got < want)
		return -EPROTO;
	return rc;
}
