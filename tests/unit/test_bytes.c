/* Views, buffers, big-endian reading and writing, hex, base64url. */
#include "check.h"

#include "base/bytes.h"
#include "base/errors.h"
#include "base/memory.h"

#include <string.h>

static void views_compare_as_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        int order;
    } cases[] = {
        {"", "", 0},         {"", "a", -1},      {"a", "", 1},       {"a", "a", 0},
        {"a", "b", -1},      {"ab", "a", 1},     {"ab", "b", -1},    {"a\x7f", "a\x80", -1},
        {"\xff", "\x01", 1}, {"abc", "abd", -1}, {"abcd", "abc", 1},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct view a = view_of_text(cases[i].a);
        struct view b = view_of_text(cases[i].b);
        int order = view_compare(a, b);
        assert_int_equal((order > 0) - (order < 0), cases[i].order);
        assert_int_equal(view_equal(a, b), cases[i].order == 0);
    }
    assert_true(view_equal(view_of(NULL, 0), view_of_text("")));
    assert_int_equal(view_compare(view_of(NULL, 0), view_of_text("")), 0);
}

static void buffers_grow_and_keep_their_bytes(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf buf = {0};
    assert_string_equal(buf_text(&buf), "");
    assert_int_equal(buf.len, 0);
    buf_append(&buf, NULL, 0);
    for (unsigned i = 0; i < 5000; i++)
        buf_append_u8(&buf, (uint8_t)(i * 7));
    assert_int_equal(buf.len, 5000);
    assert_true(buf.capacity >= buf.len);
    for (unsigned i = 0; i < 5000; i++)
        assert_int_equal(buf.data[i], (uint8_t)(i * 7));

    size_t capacity = buf.capacity;
    buf_clear(&buf);
    assert_int_equal(buf.len, 0);
    assert_int_equal(buf.capacity, capacity);
    buf_append_text(&buf, "目");
    buf_append_view(&buf, view_of_text("录"));
    assert_string_equal(buf_text(&buf), "目录");
    assert_int_equal(buf.len, 6);
    assert_true(view_equal(view_of_buf(&buf), view_of_text("目录")));

    buf_free(&buf);
    assert_null(buf.data);
    assert_int_equal(buf.len + buf.capacity, 0);
    buf_free(&buf); /* again is harmless */
}

static void buf_text_needs_room_for_the_nul(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf buf = {0};
    buf_reserve(&buf, 1);
    while (buf.len < buf.capacity)
        buf_append_u8(&buf, 'x');
    size_t len = buf.len;
    assert_int_equal(strlen(buf_text(&buf)), len);
    assert_int_equal(buf.len, len);
}

static void formats_of_every_length(void **state)
{
    (void)state;
    char expected[400];
    for (int width = 1; width < 300; width++) {
        AUTO(buf_free) struct buf buf = {0};
        buf_append_text(&buf, "<");
        buf_append_format(&buf, "%*d|%s", width, -7, "z");
        snprintf(expected, sizeof expected, "<%*d|%s", width, -7, "z");
        assert_string_equal(buf_text(&buf), expected);
        assert_int_equal(buf.len, strlen(expected));
    }
    AUTO(buf_free) struct buf empty = {0};
    buf_append_format(&empty, "%s", "");
    assert_int_equal(empty.len, 0);
}

static void reserve_too_much(void)
{
    struct buf buf = {0};
    buf_reserve(&buf, SIZE_MAX / 2);
}

static void absurd_sizes_stop(void **state)
{
    (void)state;
    assert_true(check_stops(reserve_too_much));
}

static void integers_are_big_endian(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf buf = {0};
    buf_append_u8(&buf, 0x01);
    buf_append_u16(&buf, 0x0203);
    buf_append_u32(&buf, 0x04050607);
    buf_append_u64(&buf, UINT64_C(0x08090a0b0c0d0e0f));
    assert_int_equal(buf.len, 15);
    for (uint8_t i = 0; i < 15; i++)
        assert_int_equal(buf.data[i], i + 1);

    buf_append_u64(&buf, UINT64_MAX);
    struct reader reader = reader_of(view_of_buf(&buf));
    assert_int_equal(reader_u8(&reader), 0x01);
    assert_int_equal(reader_u16(&reader), 0x0203);
    assert_int_equal(reader_u32(&reader), 0x04050607);
    assert_true(reader_u64(&reader) == UINT64_C(0x08090a0b0c0d0e0f));
    assert_false(reader_done(&reader));
    assert_true(reader_u64(&reader) == UINT64_MAX);
    assert_true(reader_done(&reader));
}

static void reading_past_the_end_sticks(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0xaa, 0xbb, 0xcc};
    uint8_t copy[4] = {9, 9, 9, 9};

    struct reader reader = reader_of(view_of(bytes, sizeof bytes));
    assert_int_equal(reader_u32(&reader), 0);
    assert_true(reader.bad);
    assert_int_equal(reader_u8(&reader), 0); /* though three bytes were left */
    reader_copy(&reader, copy, 2);
    assert_int_equal(copy[0] | copy[1], 0);
    assert_int_equal(copy[2], 9);
    assert_int_equal(reader_take(&reader, 1).len, 0);
    assert_false(reader_done(&reader));

    reader = reader_of(view_of(bytes, sizeof bytes));
    struct view taken = reader_take(&reader, 2);
    assert_ptr_equal(taken.data, bytes);
    assert_int_equal(taken.len, 2);
    reader_copy(&reader, copy, 1);
    assert_int_equal(copy[0], 0xcc);
    assert_true(reader_done(&reader));
    reader_copy(&reader, copy, 0);
    assert_int_equal(reader_take(&reader, 0).len, 0);
    assert_true(reader_done(&reader));
    assert_int_equal(reader_take(&reader, SIZE_MAX).len, 0);
    assert_false(reader_done(&reader));

    reader = reader_of(view_of(NULL, 0));
    assert_true(reader_done(&reader));
    assert_int_equal(reader_u16(&reader), 0);
    assert_false(reader_done(&reader));
}

static void hex_both_ways(void **state)
{
    (void)state;
    uint8_t bytes[256], back[256];
    char text[513];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    hex_encode(text, view_of(bytes, sizeof bytes));
    assert_int_equal(strlen(text), 512);
    assert_memory_equal(text, "000102030405060708090a0b0c0d0e0f10", 34);
    assert_int_equal(hex_decode(back, sizeof back, view_of_text(text)), OK);
    assert_memory_equal(back, bytes, sizeof bytes);
    hex_encode(text, view_of(NULL, 0));
    assert_string_equal(text, "");
    assert_int_equal(hex_decode(back, 0, view_of_text("")), OK);
}

static void hex_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",     "a",    "ab",   "abc",  "abcde", "abcdef", "ABcd", "abCD",
        "ab g", "ag00", "00/0", "000:", "0`00",  "0x00",   "-100", "é0a"};
    uint8_t out[2];
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(hex_decode(out, sizeof out, view_of_text(cases[i])), ERR_HEX);
}

static void base64url_vectors(void **state)
{
    (void)state;
    static const struct {
        const char *plain, *coded;
    } cases[] = {
        /* RFC 4648 section 10, unpadded */
        {"", ""},
        {"f", "Zg"},
        {"fo", "Zm8"},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg"},
        {"fooba", "Zm9vYmE"},
        {"foobar", "Zm9vYmFy"},
        /* RFC 7515 appendix A.1.1 */
        {"{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}", "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"},
        {"\xfb\xff\xbf", "-_-_"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(buf_free) struct buf coded = {0}, plain = {0};
        buf_append_text(&coded, ".");
        base64url_append(&coded, view_of_text(cases[i].plain));
        assert_string_equal(buf_text(&coded) + 1, cases[i].coded);
        buf_append_text(&plain, ".");
        assert_int_equal(base64url_decode(&plain, view_of_text(cases[i].coded)), OK);
        assert_string_equal(buf_text(&plain) + 1, cases[i].plain);
    }
}

static void base64url_every_length(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (size_t len = 0; len < 200; len++) {
        uint8_t bytes[200];
        for (size_t i = 0; i < len; i++)
            bytes[i] = (uint8_t)check_random(&seed);
        AUTO(buf_free) struct buf coded = {0}, plain = {0};
        base64url_append(&coded, view_of(bytes, len));
        assert_int_equal(coded.len, (len * 8 + 5) / 6);
        assert_int_equal(base64url_decode(&plain, view_of_buf(&coded)), OK);
        assert_true(view_equal(view_of_buf(&plain), view_of(bytes, len)));
    }
}

/* Only one text decodes to given bytes: of all two- and three-digit endings exactly those with
 * zero spare bits are taken. */
static void base64url_spare_bits_are_zero(void **state)
{
    (void)state;
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (unsigned last = 0; last < 64; last++) {
        AUTO(buf_free) struct buf out = {0};
        char two[] = {'Z', digits[last], '\0'};
        char three[] = {'Z', 'm', digits[last], '\0'};
        assert_int_equal(base64url_decode(&out, view_of_text(two)),
                         last % 16 == 0 ? OK : ERR_BASE64URL);
        assert_int_equal(base64url_decode(&out, view_of_text(three)),
                         last % 4 == 0 ? OK : ERR_BASE64URL);
    }
}

static void base64url_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "Z",     "Zg=",    "Zg==",   "Zm8=",      "Zm9vY",      "Zm+v",    "Zm/v", "Zm9 ",
        "Zm 9v", "\nZm9v", "Zm9v\n", "Zm9vZm9v=", "Z\xc3\xa9g", "Zm9v.Zg", "=",    "A=AA"};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(buf_free) struct buf out = {0};
        buf_append_text(&out, "kept");
        assert_int_equal(base64url_decode(&out, view_of_text(cases[i])), ERR_BASE64URL);
        assert_string_equal(buf_text(&out), "kept");
    }
    /* Each byte value at each place of a group. */
    for (unsigned place = 0; place < 4; place++) {
        unsigned taken = 0;
        for (unsigned byte = 0; byte < 256; byte++) {
            AUTO(buf_free) struct buf out = {0};
            uint8_t text[4] = {'A', 'A', 'A', 'A'};
            text[place] = (uint8_t)byte;
            taken += base64url_decode(&out, view_of(text, sizeof text)) == OK;
        }
        assert_int_equal(taken, 64);
    }
}

static void memory_never_gives_null(void **state)
{
    (void)state;
    uint8_t *block = memory_alloc(0);
    assert_non_null(block);
    block = memory_resize(block, 0);
    assert_non_null(block);
    memory_free(block);
    block = memory_alloc(100);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(block[i], 0);
    memset(block, 7, 100);
    memory_wipe(block, 50);
    assert_int_equal(block[0] | block[49], 0);
    assert_int_equal(block[50], 7);
    memory_wipe(NULL, 0);
    memory_free(block);
    memory_free(NULL);
    char *text = memory_copy_text("录");
    assert_string_equal(text, "录");
    memory_free(text);
}

static void no_memory(void)
{
    memory_must(NULL);
}

static void running_out_of_memory_stops(void **state)
{
    (void)state;
    assert_true(check_stops(no_memory));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(views_compare_as_bytes),
        cmocka_unit_test(buffers_grow_and_keep_their_bytes),
        cmocka_unit_test(buf_text_needs_room_for_the_nul),
        cmocka_unit_test(formats_of_every_length),
        cmocka_unit_test(absurd_sizes_stop),
        cmocka_unit_test(integers_are_big_endian),
        cmocka_unit_test(reading_past_the_end_sticks),
        cmocka_unit_test(hex_both_ways),
        cmocka_unit_test(hex_refused),
        cmocka_unit_test(base64url_vectors),
        cmocka_unit_test(base64url_every_length),
        cmocka_unit_test(base64url_spare_bits_are_zero),
        cmocka_unit_test(base64url_refused),
        cmocka_unit_test(memory_never_gives_null),
        cmocka_unit_test(running_out_of_memory_stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
