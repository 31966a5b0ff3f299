// SPDX-License-Identifier: GPL-2.0
/*
 * The bodies of the DAX core's tracepoints.
 */
#include "types.h"

/* Last, so that the bodies find all types that they use complete. */
#define CREATE_TRACE_POINTS
#include <trace/events/fs_dax.h>
#include "trace.h"
