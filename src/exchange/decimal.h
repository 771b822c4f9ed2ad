/* Comparing numbers as they stand in a table, exactly: no floating point, any length. */
#ifndef DIRCHAIN_EXCHANGE_DECIMAL_H
#define DIRCHAIN_EXCHANGE_DECIMAL_H

#include "base/bytes.h"

/* [+-]digits[.digits], blanks around allowed. *order is < 0, 0 or > 0. False unless both are
 * numbers. */
bool decimal_compare(int *order, struct view a, struct view b);

#endif
