/* A read model whose machine has much else to do: to take over genesis alone lasts longer than a
 * batch may. */
#include "check.h"

#include "world_http.h"

#include "api/index_block.h"

static _Thread_local int64_t late_ms; /* of the indexer's thread */

int64_t __real_clock_monotonic_ms(void);
int64_t __wrap_clock_monotonic_ms(void);
int64_t __wrap_clock_monotonic_ms(void)
{
    return __real_clock_monotonic_ms() + late_ms;
}

int __real_index_genesis(struct read_model *model, const struct store_view *view);
int __wrap_index_genesis(struct read_model *model, const struct store_view *view);
int __wrap_index_genesis(struct read_model *model, const struct store_view *view)
{
    late_ms += 300; /* a list waits for the rest of its second */
    return __real_index_genesis(model, view);
}

static void lists_get_beyond_genesis(void **state)
{
    (void)state;
    world_must(world, NULL, ALPHA "/compile", "duty.publish",
               "{'code':'D1','name':'社会组织登记','category':'行政许可',"
               "'implementer':'广东省民政厅','basis':'社会团体登记管理条例第六条'}");
    AUTO(answer_free) struct answer answer = get("/v1/duties");
    assert_int_equal(answer.status, 200);
    assert_int_equal(doc_count(doc_get(answer.body, "items")), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_get_beyond_genesis),
    };
    return cmocka_run_group_tests(tests, world_start, world_stop);
}
