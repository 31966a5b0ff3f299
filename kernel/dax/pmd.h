/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Faults of a PMD.
 */
#ifndef FS_DAX_PMD_H
#define FS_DAX_PMD_H

#include <linux/iomap.h>
#include <linux/mm.h>
#include "types.h"

/* not there without CONFIG_FS_DAX_PMD: test that before a call */
vm_fault_t dax_pmd_fault(struct vm_fault *vmf, dax_pfn_t *pfnp,
		const struct iomap_ops *ops);

#endif /* FS_DAX_PMD_H */
