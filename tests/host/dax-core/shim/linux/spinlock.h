/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Spinlocks as mutexes, taken by way of the scheduler: to take one and to let it go
 * are the places where another thread may come first.
 */
#ifndef SHIM_SPINLOCK_H
#define SHIM_SPINLOCK_H

#include <pthread.h>
#include <stdbool.h>

#define spinlock_t		pthread_mutex_t
#define DEFINE_SPINLOCK(x)	pthread_mutex_t x = PTHREAD_MUTEX_INITIALIZER
#define __SPIN_LOCK_UNLOCKED(x)	(pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER
#define spin_lock_init(x)	pthread_mutex_init(x, NULL)

void shim_spin_lock(pthread_mutex_t *lock);
void shim_spin_unlock(pthread_mutex_t *lock);

#define spin_lock(x)			shim_spin_lock(x)
#define spin_unlock(x)			shim_spin_unlock(x)
#define spin_lock_bh(x)			shim_spin_lock(x)
#define spin_unlock_bh(x)		shim_spin_unlock(x)
#define spin_lock_irq(x)		shim_spin_lock(x)
#define spin_unlock_irq(x)		shim_spin_unlock(x)
#define spin_lock_irqsave(x, f)		((void)(f), shim_spin_lock(x))
#define spin_unlock_irqrestore(x, f)	((void)(f), shim_spin_unlock(x))

#endif
