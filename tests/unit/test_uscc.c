/* 统一社会信用代码: real codes, and every small mistake one can make in one. */
#include "base/errors.h"
#include "base/uscc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define VECTORS DIRCHAIN_SOURCE_DIR "/tests/vectors/uscc/guangdong-2021.tsv"
#define REAL "11440000006939756B" /* 广东省发展和改革委员会 */

static void real_codes(void **state)
{
    (void)state;
    char line[256];
    int accepted = 0;
    FILE *file = fopen(VECTORS, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        int expected = 0;
        line[strcspn(line, "\t")] = '\0';
        if (strcmp(line, "13440000515356094L") == 0) {
            expected = ERR_USCC_CHECK;
        } else if (strcmp(line, "TE440000GD030003VV") == 0) {
            expected = ERR_USCC_FORM;
        }
        assert_int_equal(uscc_check(line), expected);
        accepted += expected == 0;
    }
    fclose(file);
    assert_int_equal(accepted, 175);
}

static void form(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "1",
        "11440000006939756",   /* 17 */
        "11440000006939756BB", /* 19 */
        "11440000006939756b",  /* lower case */
        "I1440000006939756B",  /* not of the alphabet */
        "1O440000006939756B",
        "114400000069Z9756B",
        "1144000000S939756B",
        "11440000006939756V",
        "11A40000006939756B", /* a letter in the region */
        "1144000A006939756B",
        "11440000 06939756B",
        "11440000006939756\n",
        "一二三四五六", /* 18 bytes */
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(uscc_check(bad[i]), ERR_USCC_FORM);
    }
    assert_int_equal(uscc_check(NULL), ERR_USCC_FORM);
}

/* 31 is prime and no weight is 0 mod 31, so no single wrong character passes; neighbouring weights
 * differ, so no swap of two different neighbours passes. */
static void mistakes(void **state)
{
    (void)state;
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    int tried = 0;
    assert_int_equal(uscc_check(REAL), 0);
    for (size_t i = 0; i < 18; i++) {
        for (size_t j = 0; j < sizeof alphabet - 1; j++) {
            char code[] = REAL;
            if (code[i] == alphabet[j]) {
                continue;
            }
            code[i] = alphabet[j];
            bool letter_in_region = i >= 2 && i < 8 && j > 9;
            assert_int_equal(uscc_check(code), letter_in_region ? ERR_USCC_FORM : ERR_USCC_CHECK);
            tried++;
        }
    }
    assert_int_equal(tried, 18 * 30);
    for (size_t i = 0; i + 1 < 18; i++) {
        char code[] = REAL;
        char c = code[i];
        code[i] = code[i + 1];
        code[i + 1] = c;
        assert_int_equal(uscc_check(code) == 0, strcmp(code, REAL) == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_codes),
        cmocka_unit_test(form),
        cmocka_unit_test(mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
