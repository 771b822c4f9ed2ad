/* The read model comes out the same when it is built anew; a lost, foreign or damaged file is made
 * anew. */
#include "read_story.h"

#include "api/read_model.h"
#include "api/read_schema.h"

static struct buf dump(void)
{
    static const char *const paths[] = {
        "/v1/duties",
        "/v1/entries",
        "/v1/requests",
        "/v1/grants",
        "/v1/accesses",
        "/v1/acts",
        "/v1/transactions",
        "/v1/search?q=%E7%99%BB%E8%AE%B0",
        "/v1/history/entry/" ALPHA "/E1",
    };
    struct buf all = {0};
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        AUTO(answer_free) struct answer answer = get("%s", paths[i]);
        assert_int_equal(answer.status, 200);
        if (doc_count(doc_get(answer.body, "items")) == 0)
            fail_msg("nothing at %s", paths[i]);
        doc_append_canonical(&all, answer.body);
        buf_append_text(&all, "\n");
    }
    return all;
}

static void wait_caught_up(void)
{
    for (int i = 0; i < 3000; i++) {
        AUTO(answer_free) struct answer status = get("/v1/status");
        if (doc_get_int(doc_get(status.body, "api"), "read_model_height", -1) ==
            doc_get_int(doc_get(status.body, "tip"), "height", 0))
            return;
        usleep(10000);
    }
    fail_msg("the read model does not catch up");
}

static void test_rebuild(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf before = dump();
    AUTO(answer_free)
    struct answer answer = post("/v1/explorer/rebuild", "application/json", "", view_of_text("{}"));
    assert_int_equal(answer.status, 202);
    for (bool over = false; !over; usleep(1000)) {
        AUTO(answer_free) struct answer status = get("/v1/status");
        const struct doc *api = doc_get(status.body, "api");
        over = !doc_get_bool(api, "read_model_rebuilding", true);
    }
    AUTO(buf_free) struct buf after = dump();
    assert_string_equal(buf_text(&after), buf_text(&before));
}

/* The file as it is found at the next start: kept, or made anew, with the same answers. */
static void test_restarts(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf before = dump();
    const char *path = scratch_path("explorer.sqlite");
    static const char *const damages[] = {
        "none",    "gone", "of another version", "of another chain", "of a later height",
        "garbage", "torn"};
    for (size_t i = 0; i < COUNT_OF(damages); i++) {
        AUTO(buf_free) struct buf file = {0};
        struct read_model *model = NULL;
        const struct hash other = {{1}};
        api_stop(&world->api);
        assert_int_equal(file_read(&file, path, 1 << 26), 0);
        switch (i) {
        case 1:
            assert_int_equal(unlink(path), 0);
            break;
        case 2:
            assert_int_equal(read_model_open(&model, path, &world->genesis_hash), 0);
            assert_int_equal(read_model_begin(model), 0);
            assert_int_equal(read_model_write(model, read_put_meta, "tt", "version", "0"), 0);
            assert_int_equal(read_model_commit(model, 1, 1, &other), 0);
            break;
        case 3:
            assert_int_equal(unlink(path), 0);
            assert_int_equal(read_model_open(&model, path, &other), 0);
            break;
        case 4:
            assert_int_equal(read_model_open(&model, path, &world->genesis_hash), 0);
            assert_int_equal(read_model_begin(model), 0);
            assert_int_equal(read_model_commit(model, 1, 1000, &other), 0);
            break;
        case 5:
            memset(file.data, 0x5a, file.len);
            assert_int_equal(file_write_atomic(path, view_of_buf(&file), 0600), 0);
            break;
        case 6:
            assert_int_equal(file_write_atomic(path, view_of(file.data, file.len / 2), 0600), 0);
            break;
        default:
            break;
        }
        read_model_close(&model);
        world_start_api(world, "");
        wait_caught_up();
        AUTO(answer_free) struct answer first = get("/v1/transactions"); /* damage shows here */
        assert_true(first.status == 200 || first.status == 503);
        usleep(20000);
        wait_caught_up();
        AUTO(buf_free) struct buf after = dump();
        if (strcmp(buf_text(&after), buf_text(&before)) != 0)
            fail_msg("%s:\n%s\n%s", damages[i], buf_text(&before), buf_text(&after));
    }
}

/* Days pass, and what was returned is not submitted anew: the ledger acts too. */
static int start_and_wait(void **state)
{
    if (start(state) != 0)
        return -1;
    for (int day = 0; day < 20; day++)
        (void)world_advance(world, DAY_MS);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rebuild),
        cmocka_unit_test(test_restarts),
    };
    return cmocka_run_group_tests(tests, start_and_wait, world_stop);
}
