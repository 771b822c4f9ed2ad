/* The follower's book, two files: what a crash leaves of them, what is changed in them, and the
 * form that they had before. */
#include "follower_world.h"

#include <sys/stat.h>

static struct buf read_all(const char *path)
{
    struct buf bytes = {0};
    assert_int_equal(file_read(&bytes, path, 1 << 20), 0);
    return bytes;
}

static void after_a_crash_between_its_two_files(void **state)
{
    (void)state;
    struct client client = client_of();
    struct stat status;
    node.tip = 3;
    assert_int_equal(advance(&client), 0);
    AUTO(buf_free) struct buf before = read_all(client.path);
    assert_int_equal(stat(client.headers, &status), 0);
    off_t short_len = status.st_size;
    node.tip = HEIGHT;
    assert_int_equal(advance(&client), 0);
    close_client(&client);
    assert_int_equal(file_write_atomic(client.path, view_of_buf(&before), 0644), 0);
    assert_int_equal(open_client(&client), 0);
    assert_int_equal(height_of(&client), 3);
    assert_int_equal(stat(client.headers, &status), 0);
    assert_int_equal(status.st_size, short_len);
    assert_int_equal(advance(&client), 0);
    assert_int_equal(height_of(&client), HEIGHT);
    client_free(&client);
}

/* What the state says of these headers. */
static struct hash digest_of(const struct buf *whole)
{
    struct hash digest = {{0}};
    struct reader reader = reader_of(view_of_buf(whole));
    while (reader.rest.len > 0) {
        uint32_t len = reader_u32(&reader);
        struct view parts[] = {hash_view(&digest), reader_take(&reader, len)};
        digest = hash_sha256_parts(parts, 2);
    }
    return digest;
}

static void headers_that_were_changed(void **state)
{
    (void)state;
    struct client client = client_of();
    assert_int_equal(advance(&client), 0);
    close_client(&client);
    AUTO(buf_free) struct buf whole = read_all(client.headers);
    AUTO(buf_free) struct buf text = read_all(client.path);
    AUTO(doc_free) struct doc *told = NULL;
    assert_int_equal(doc_parse(&told, view_of_buf(&text), text.len), 0);
    /* All over the first record and the second header, and the lengths before them. */
    struct reader reader = reader_of(view_of_buf(&whole));
    size_t first = 4 + reader_u32(&reader);
    for (size_t i = 0; i < first + 4 + HEADER_BYTES; i += i < 4 ? 1 : 3) {
        whole.data[i] ^= 1;
        assert_int_equal(file_write_atomic(client.headers, view_of_buf(&whole), 0644), 0);
        assert_int_equal(open_client(&client), ERR_FOLLOW_STATE);
        whole.data[i] ^= 1;
    }
    /* Where the state goes with them, the headers do not follow each other. */
    for (size_t i = 4; i < 4 + HEADER_BYTES; i += 7) {
        AUTO(doc_free) struct doc *lie = doc_copy(told);
        AUTO(buf_free) struct buf changed = {0};
        whole.data[i] ^= 1;
        const struct hash digest = digest_of(&whole);
        doc_set_hash(lie, "headers", &digest);
        doc_append_canonical(&changed, lie);
        assert_int_equal(file_write_atomic(client.path, view_of_buf(&changed), 0644), 0);
        assert_int_equal(file_write_atomic(client.headers, view_of_buf(&whole), 0644), 0);
        assert_int_equal(open_client(&client), ERR_FOLLOW_STATE);
        whole.data[i] ^= 1;
    }
    assert_int_equal(file_write_atomic(client.path, view_of_buf(&text), 0644), 0);
    struct view cut = view_of(whole.data, whole.len - 1);
    assert_int_equal(file_write_atomic(client.headers, cut, 0644), 0);
    assert_int_equal(open_client(&client), ERR_FOLLOW_STATE);
    assert_int_equal(file_write_atomic(client.headers, view_of_buf(&whole), 0644), 0);
    assert_int_equal(open_client(&client), 0);
    client_free(&client);
}

static void states_that_do_not_fit(void **state)
{
    (void)state;
    static const struct {
        const char *key, *value;
        int number;
        int error;
    } cases[] = {{"genesis", "hash", 0, ERR_FOLLOW_GENESIS}, {"hash", "hash", 0, ERR_FOLLOW_STATE},
                 {"headers", "hash", 0, ERR_FOLLOW_STATE},   {"headers", "x", 0, ERR_FOLLOW_STATE},
                 {"format", "x", 0, ERR_FOLLOW_FORM},        {"height", NULL, 7, ERR_FOLLOW_STATE},
                 {"height", NULL, 5, ERR_FOLLOW_STATE},      {"height", NULL, -1, ERR_FOLLOW_STATE},
                 {"first", NULL, 0, ERR_FOLLOW_STATE},       {"first", NULL, 2, ERR_FOLLOW_STATE}};
    struct client client = client_of();
    const struct hash other = {{1}};
    assert_int_equal(advance(&client), 0);
    struct follow_book *second = NULL;
    assert_int_equal(follow_book_open(&second, NULL, client.path, client.ledger.genesis,
                                      &client.ledger.genesis_hash),
                     ERR_BUSY);
    close_client(&client);
    AUTO(buf_free) struct buf text = read_all(client.path);
    AUTO(doc_free) struct doc *good = NULL;
    assert_int_equal(doc_parse(&good, view_of_buf(&text), text.len), 0);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(doc_free) struct doc *bad = doc_copy(good);
        AUTO(buf_free) struct buf changed = {0};
        if (cases[i].value == NULL)
            doc_set_int(bad, cases[i].key, cases[i].number);
        else if (strcmp(cases[i].value, "hash") == 0)
            doc_set_hash(bad, cases[i].key, &other);
        else
            doc_set_text(bad, cases[i].key, cases[i].value);
        doc_append_canonical(&changed, bad);
        assert_int_equal(file_write_atomic(client.path, view_of_buf(&changed), 0644), 0);
        assert_int_equal(open_client(&client), cases[i].error);
    }
    assert_int_equal(unlink(client.path), 0);
    assert_int_equal(open_client(&client), ERR_FOLLOW_STATE); /* headers without their state */
    assert_int_equal(file_write_atomic(client.path, view_of_buf(&text), 0644), 0);
    assert_int_equal(open_client(&client), 0);
    client_free(&client);
}

/* A book of before "headers" was in the state loses nothing; once taken, it is of today's form. */
static void a_book_of_the_older_form(void **state)
{
    (void)state;
    struct client client = client_of();
    assert_int_equal(advance(&client), 0);
    close_client(&client);
    AUTO(buf_free) struct buf whole = read_all(client.headers);
    AUTO(buf_free) struct buf today = read_all(client.path);
    AUTO(buf_free) struct buf before = {0};
    AUTO(doc_free) struct doc *old = NULL;
    assert_int_equal(doc_parse(&old, view_of_buf(&today), today.len), 0);
    doc_remove(old, "headers"); /* today's without it is damaged */
    doc_append_canonical(&before, old);
    assert_int_equal(file_write_atomic(client.path, view_of_buf(&before), 0644), 0);
    assert_int_equal(open_client(&client), ERR_FOLLOW_STATE);
    doc_set_text(old, "format", "dirchain-follow/1");
    buf_clear(&before);
    doc_append_canonical(&before, old);
    assert_int_equal(file_write_atomic(client.path, view_of_buf(&before), 0644), 0);
    whole.data[4 + HEADER_BYTES / 2] ^= 1; /* its headers must lead to its hash as ever */
    assert_int_equal(file_write_atomic(client.headers, view_of_buf(&whole), 0644), 0);
    assert_int_equal(open_client(&client), ERR_FOLLOW_STATE);
    whole.data[4 + HEADER_BYTES / 2] ^= 1;
    assert_int_equal(file_write_atomic(client.headers, view_of_buf(&whole), 0644), 0);
    assert_int_equal(open_client(&client), 0);
    assert_int_equal(height_of(&client), HEIGHT);
    assert_int_equal(follow_book_node(client.book, node.url), HEIGHT);
    close_client(&client);
    AUTO(buf_free) struct buf taken = read_all(client.path);
    assert_true(view_equal(view_of_buf(&taken), view_of_buf(&today)));
    client_free(&client);
}

/* A file of the auditor's own, named by mistake, gets no .headers beside it; nor does a state whose
 * headers are lost. */
static void nothing_is_left_beside_what_is_refused(void **state)
{
    (void)state;
    struct client client = client_of();
    assert_int_equal(advance(&client), 0);
    close_client(&client);
    assert_int_equal(unlink(client.headers), 0);
    assert_int_equal(open_client(&client), ERR_FOLLOW_STATE);
    assert_int_not_equal(access(client.headers, F_OK), 0);
    assert_int_equal(file_write_atomic(client.path, view_of_text("{\"a\":1}"), 0644), 0);
    assert_int_equal(open_client(&client), ERR_FOLLOW_FORM);
    assert_int_equal(file_write_atomic(client.path, view_of_text("no JSON"), 0644), 0);
    assert_int_equal(open_client(&client), ERR_FOLLOW_FORM);
    assert_int_not_equal(access(client.headers, F_OK), 0);
    client_free(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(after_a_crash_between_its_two_files),
        cmocka_unit_test(headers_that_were_changed),
        cmocka_unit_test(states_that_do_not_fit),
        cmocka_unit_test(a_book_of_the_older_form),
        cmocka_unit_test(nothing_is_left_beside_what_is_refused),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
