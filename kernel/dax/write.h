/* SPDX-License-Identifier: GPL-2.0 */
/*
 * write(2), behind the door that is dax_iomap_rw().
 */
#ifndef FS_DAX_WRITE_H
#define FS_DAX_WRITE_H

#include <linux/iomap.h>
#include <linux/uio.h>

int dax_write(struct iomap_iter *iter, struct iov_iter *from,
		const struct iomap_ops *ops);

#endif /* FS_DAX_WRITE_H */
