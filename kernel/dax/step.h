/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From an entry that is locked to a page that is mapped.
 */
#ifndef FS_DAX_STEP_H
#define FS_DAX_STEP_H

#include "map.h"

vm_fault_t dax_fault_error(struct vm_fault *vmf,
		const struct iomap_iter *iter, int error);
vm_fault_t dax_fault_iterate(struct dax_fault *f, const struct iomap_ops *ops,
		int *error);

#endif /* FS_DAX_STEP_H */
