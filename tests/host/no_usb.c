/* SPDX-License-Identifier: Apache-2.0 */
/* In the place of what needs scripted USB devices, where there are none. */
#include "config.h"

#include "tests/tap.h"

int
main(void)
{
	return nf_tap_skip("built without umockdev");
}
