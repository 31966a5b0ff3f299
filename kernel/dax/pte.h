/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Faults of a page.
 */
#ifndef FS_DAX_PTE_H
#define FS_DAX_PTE_H

#include <linux/iomap.h>
#include <linux/mm.h>
#include "types.h"

vm_fault_t dax_pte_fault(struct vm_fault *vmf, dax_pfn_t *pfnp, int *errp,
		const struct iomap_ops *ops);

#endif /* FS_DAX_PTE_H */
