/* 统一社会信用代码, GB 32100-2015:
 *
 *   1   登记管理部门代码      \  digits and capital letters
 *   2   机构类别代码          /  without I, O, Z, S, V
 *   3   登记管理机关行政区划码   6 digits
 *   9   主体标识码（组织机构代码） 9 digits and capital letters
 *   18  校验码
 *
 * Each character counts its place in the alphabet of 31; weights are powers of 3 mod 31; the
 * check digit makes the weighted sum with itself divisible by 31. */
#include "base/uscc.h"

#include "base/errors.h"
#include "base/limits.h"

#include <stddef.h>
#include <string.h>

static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

#define ALPHABET_SIZE 31
static_assert(sizeof alphabet - 1 == ALPHABET_SIZE, "GB 32100-2015 table 2");

static int value_of(char c)
{
    const char *place = c == '\0' ? NULL : strchr(alphabet, c);
    return place == NULL ? -1 : (int)(place - alphabet);
}

int uscc_check(const char *code)
{
    if (code == NULL || strnlen(code, MEMBER_ID_CHARS + 1) != MEMBER_ID_CHARS) {
        return ERR_USCC_FORM;
    }
    int sum = 0;
    int weight = 1;
    for (int i = 0; i < MEMBER_ID_CHARS; i++) {
        int value = value_of(code[i]);
        if (value < 0 || (i >= 2 && i < 8 && value > 9)) {
            return ERR_USCC_FORM;
        }
        sum += (i == MEMBER_ID_CHARS - 1 ? 1 : weight) * value;
        weight = weight * 3 % ALPHABET_SIZE;
    }
    return sum % ALPHABET_SIZE == 0 ? 0 : ERR_USCC_CHECK;
}
