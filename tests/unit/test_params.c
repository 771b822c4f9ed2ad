/* Chain parameters: defaults are within bounds and are those of docs/spec/genesis.md; both ends of
 * every bound hold. */
#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"
#include "chain/params.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void defaults_are_those_of_the_specification(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf text = {0};
    assert_int_equal(file_read(&text, DIRCHAIN_SOURCE_DIR "/docs/spec/genesis.md", 1 << 20), 0);
    const char *params = strstr(buf_text(&text), "\"params\":");
    assert_non_null(params);
    params += strlen("\"params\":");
    AUTO(doc_free) struct doc *specified = NULL;
    struct view object = view_of(params, (size_t)(strchr(params, '}') + 1 - params));
    assert_int_equal(doc_parse(&specified, object, 4096), 0);
    AUTO(doc_free) struct doc *defaults = doc_new_object();
    chain_params_complete(defaults);
    assert_true(doc_equal(specified, defaults));
    struct chain_params read;
    assert_int_equal(chain_params_read(&read, NULL, defaults, true), 0);
    assert_int_equal(read.tx_lifetime_ms, 3600000);
    assert_int_equal(read.member_txs_max, 2000);
    assert_true(read.test);
}

static void what_is_set_stays(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *params = doc_new_object();
    doc_set_int(params, "outage_ms", 4321);
    chain_params_complete(params);
    struct chain_params read;
    assert_int_equal(chain_params_read(&read, NULL, params, false), 0);
    assert_int_equal(read.outage_ms, 4321);
    assert_int_equal(read.idle_block_ms, 5000);
    assert_false(read.test);
}

static void both_ends_of_every_bound_hold(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *params = doc_new_object();
    chain_params_complete(params);
    for (const struct field *field = chain_params_fields; field->name != NULL; field++) {
        const int64_t values[] = {field->min, field->max, field->min - 1, field->max + 1};
        int64_t standard = doc_get_int(params, field->name, 0);
        for (int i = 0; i < 4; i++) {
            struct chain_params read;
            struct faults faults = {0};
            doc_set_int(params, field->name, values[i]);
            assert_int_equal(chain_params_read(&read, &faults, params, false),
                             i < 2 ? 0 : ERR_FIELD_RANGE);
            if (i >= 2)
                assert_string_equal(strrchr(faults.item[0].field, '.') + 1, field->name);
        }
        doc_set_int(params, field->name, standard);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_those_of_the_specification),
        cmocka_unit_test(what_is_set_stays),
        cmocka_unit_test(both_ends_of_every_bound_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
