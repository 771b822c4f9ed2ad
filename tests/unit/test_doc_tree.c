/* Documents as trees: reading, building, changing, sharing between threads, and misuse. */
#include "docs.h"

#include <pthread.h>

/* ---- reading and building ---- */

static void getters_say_absent(void **state)
{
    (void)state;
    AUTO(doc_free)
    struct doc *doc =
        parsed("{\"t\":\"x\",\"i\":5,\"y\":true,\"n\":null,\"a\":[\"p\",1,\"q\"],\"o\":{}}");
    assert_int_equal(doc_kind(doc), DOC_OBJECT);
    assert_int_equal(doc_kind(doc_get(doc, "t")), DOC_TEXT);
    assert_int_equal(doc_kind(doc_get(doc, "i")), DOC_INT);
    assert_int_equal(doc_kind(doc_get(doc, "y")), DOC_BOOL);
    assert_int_equal(doc_kind(doc_get(doc, "n")), DOC_NULL);
    assert_int_equal(doc_kind(doc_get(doc, "a")), DOC_ARRAY);
    assert_int_equal(doc_kind(NULL), DOC_NULL);

    assert_string_equal(doc_get_text(doc, "t"), "x");
    assert_null(doc_get_text(doc, "i"));
    assert_null(doc_get_text(doc, "absent"));
    assert_null(doc_get_text(NULL, "t"));
    assert_null(doc_get_text(doc_get(doc, "a"), "t"));
    assert_null(doc_text(NULL));
    assert_null(doc_text(doc));
    assert_int_equal(doc_get_int(doc, "i", -1), 5);
    assert_int_equal(doc_get_int(doc, "t", -1), -1);
    assert_int_equal(doc_get_int(NULL, "i", -1), -1);
    assert_int_equal(doc_int(NULL, 9), 9);
    assert_true(doc_get_bool(doc, "y", false));
    assert_true(doc_get_bool(doc, "i", true));
    assert_false(doc_get_bool(NULL, "y", false));
    assert_false(doc_bool(doc_get(doc, "n"), false));
    assert_true(doc_text_is(doc, "t", "x"));
    assert_false(doc_text_is(doc, "t", "y"));
    assert_false(doc_text_is(doc, "i", "5"));
    assert_false(doc_text_is(doc, "t", NULL));
    assert_false(doc_text_is(NULL, "t", "x"));

    assert_int_equal(doc_count(doc), 6);
    assert_int_equal(doc_count(doc_get(doc, "a")), 3);
    assert_int_equal(doc_count(doc_get(doc, "t")), 0);
    assert_int_equal(doc_count(NULL), 0);
    assert_string_equal(doc_text(doc_at(doc_get(doc, "a"), 2)), "q");
    assert_null(doc_at(doc_get(doc, "a"), 3));
    assert_null(doc_at(doc, 0));
    assert_null(doc_at(NULL, 0));
    assert_true(doc_has_text(doc_get(doc, "a"), "q"));
    assert_false(doc_has_text(doc_get(doc, "a"), "1"));
    assert_false(doc_has_text(doc, "t"));
    assert_false(doc_has_text(NULL, "q"));

    size_t cursor = 0;
    const char *key;
    const struct doc *value;
    assert_false(doc_next(NULL, &cursor, &key, &value));
    assert_false(doc_next(doc_get(doc, "a"), &cursor, &key, &value));
    assert_false(doc_next(doc_get(doc, "o"), &cursor, &key, &value));
}

static void building(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *doc = doc_new_object();
    struct hash hash = {.bytes = {0xab}};
    doc_set_text(doc, "t", "中\n\"");
    doc_set_int(doc, "i", -DOC_INT_MAX);
    doc_set_bool(doc, "y", true);
    doc_set(doc, "n", doc_new_null());
    doc_set_hash(doc, "h", &hash);
    doc_set_format(doc, "f", "%d/%s", 3, "目");
    struct doc *array = doc_new_array();
    doc_push_text(array, "p");
    doc_push(array, doc_new_int(1));
    doc_push(array, doc_new_bool(false));
    doc_set(doc, "a", array);
    assert_canonical(doc, "{\"a\":[\"p\",1,false],\"f\":\"3/目\",\"h\":"
                          "\"ab00000000000000000000000000000000000000000000000000000000000000\","
                          "\"i\":-9007199254740991,\"n\":null,\"t\":\"中\\n\\\"\",\"y\":true}");
    doc_set_int(doc, "t", 1); /* replaces */
    doc_remove(doc, "a");
    doc_remove(doc, "h");
    doc_remove(doc, "absent");
    assert_canonical(doc, "{\"f\":\"3/目\",\"i\":-9007199254740991,\"n\":null,\"t\":1,\"y\":true}");
}

static void copies_are_independent_and_references_are_not(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *doc = parsed("{\"a\":{\"b\":[1]}}");
    AUTO(doc_free) struct doc *copy = doc_copy(doc);
    AUTO(doc_free) struct doc *ref = doc_ref(doc);
    assert_ptr_equal(ref, doc);
    assert_true(doc_equal(copy, doc));
    doc_set_int(copy, "c", 1);
    assert_false(doc_equal(copy, doc));
    assert_canonical(doc, "{\"a\":{\"b\":[1]}}");

    /* A part outlives the whole. */
    struct doc *part = doc_ref(doc_get(doc, "a"));
    doc_free(&doc);
    doc_free(&ref);
    assert_canonical(part, "{\"b\":[1]}");
    doc_free(&part);
    assert_null(part);
    doc_free(&part);
    assert_null(doc_ref(NULL));
    assert_null(doc_copy(NULL));
    assert_true(doc_equal(NULL, NULL));
    assert_false(doc_equal(copy, NULL));
}

/* An object and an array under random changes, beside what each place should hold as text. Values
 * come from nowhere, from another document, and from the very one that is changed. */
struct changed {
    struct doc *doc; /* {"list":[…],"k0":…} */
    char member[10][200];
    char element[40][200];
    size_t elements;
};

static void note_text(char out[200], const struct doc *value)
{
    AUTO(buf_free) struct buf text = {0};
    doc_append_canonical(&text, value);
    assert_true(text.len < 200);
    memcpy(out, buf_text(&text), text.len + 1);
}

static struct doc *random_value(const struct changed *changed, const struct doc *other,
                                uint64_t *random)
{
    static const char *const names[] = {"a", "long", "deep", "n", "t"};
    char key[16];
    snprintf(key, sizeof key, "k%u", (unsigned)(check_random(random) % 10));
    const struct doc *own = doc_get(changed->doc, key);
    switch (check_random(random) % 6) {
    case 0:
        return doc_new_int((int64_t)(check_random(random) % 1000));
    case 1:
        return doc_new_text("built 目");
    case 2:
        return doc_ref(doc_get(other, names[check_random(random) % COUNT_OF(names)]));
    case 3:
        return doc_copy(other);
    default:
        return own != NULL ? doc_ref(own) : doc_new_bool(true);
    }
}

static void change_at_random(struct changed *changed, const struct doc *other, uint64_t *random)
{
    unsigned place = (unsigned)(check_random(random) % 10);
    char key[16];
    snprintf(key, sizeof key, "k%u", place);
    struct doc *value = random_value(changed, other, random);
    char text[200];
    note_text(text, value);
    switch (check_random(random) % 4) {
    case 0:
        doc_remove(changed->doc, key);
        changed->member[place][0] = 0;
        doc_free(&value);
        break;
    case 1:
        if (changed->elements < COUNT_OF(changed->element)) {
            struct doc *list = (struct doc *)(uintptr_t)doc_get(changed->doc, "list");
            doc_push(list, value);
            memcpy(changed->element[changed->elements++], text, sizeof text);
            break;
        }
        /* fall through */
    default:
        doc_set(changed->doc, key, value);
        memcpy(changed->member[place], text, sizeof text);
    }
}

static void expect_changed(const struct changed *changed)
{
    AUTO(buf_free) struct buf expected = {0};
    buf_append_text(&expected, "{");
    for (unsigned i = 0; i < 10; i++) {
        if (changed->member[i][0] != 0)
            buf_append_format(&expected, "\"k%u\":%s,", i, changed->member[i]);
    }
    buf_append_text(&expected, "\"list\":[");
    for (size_t i = 0; i < changed->elements; i++)
        buf_append_format(&expected, "%s%s", i == 0 ? "" : ",", changed->element[i]);
    buf_append_text(&expected, "]}");
    assert_canonical(changed->doc, buf_text(&expected));
}

static void documents_can_be_changed_however_they_came_about(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 150; seed++) {
        uint64_t random = seed;
        AUTO(doc_free)
        struct doc *other = parsed("{\"a\":[1,[2]],\"long\":\"0123456789 0123456789\",\"deep\":"
                                   "{\"x\":{\"y\":null}},\"n\":7,\"t\":false}");
        struct changed changed = {.doc = parsed("{\"list\":[],\"k3\":{\"z\":1},\"k1\":\"one\"}")};
        note_text(changed.member[3], doc_get(changed.doc, "k3"));
        note_text(changed.member[1], doc_get(changed.doc, "k1"));
        if (seed % 3 == 0) { /* a copy of a parsed one */
            struct doc *copy = doc_copy(changed.doc);
            doc_free(&changed.doc);
            changed.doc = copy;
        }
        for (int i = 0; i < 60; i++) {
            change_at_random(&changed, other, &random);
            if (i == 30) /* what came from it lives on */
                doc_free(&other);
            if (i >= 30)
                other = other == NULL
                            ? parsed("{\"a\":0,\"long\":\"\",\"deep\":[],\"n\":1,\"t\":2}")
                            : other;
            expect_changed(&changed);
        }
        AUTO(doc_free) struct doc *copy = doc_copy(changed.doc);
        assert_true(doc_equal(copy, changed.doc));
        doc_free(&changed.doc);
        AUTO(buf_free) struct buf text = {0};
        doc_append_canonical(&text, copy);
        assert_true(doc_copy_bytes(copy) >= text.len / 4);
    }
}

/* ---- our own bugs stop ---- */

static void build_int(void)
{
    doc_new_int(DOC_INT_MAX + 1);
}

static void build_text(void)
{
    doc_new_text("a\rb");
}

static void build_key(void)
{
    doc_set_int(doc_new_object(), "é", 1);
}

static void build_in_array(void)
{
    doc_set_int(doc_new_array(), "a", 1);
}

static void build_loop(void)
{
    struct doc *doc = doc_new_array();
    doc_push(doc, doc);
}

static struct doc *nested(int depth)
{
    struct doc *doc = doc_new_array();
    for (int i = 1; i < depth; i++) {
        struct doc *outer = doc_new_array();
        doc_push(outer, doc);
        doc = outer;
    }
    return doc;
}

static void write_too_deep(void)
{
    struct buf out = {0};
    doc_append_canonical(&out, nested(DOC_BUILT_DEPTH_MAX + 1));
}

static void misuse_stops(void **state)
{
    (void)state;
    static void (*const acts[])(void) = {build_int,      build_text, build_key,
                                         build_in_array, build_loop, write_too_deep};
    for (size_t i = 0; i < COUNT_OF(acts); i++)
        assert_true(check_stops(acts[i]));
}

/* What was parsed may be wrapped into something larger: that must not stop the process. */
static void parsed_documents_can_be_wrapped(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *doc = nested(DOC_BUILT_DEPTH_MAX);
    AUTO(buf_free) struct buf text = {0};
    doc_append_canonical(&text, doc);
    assert_int_equal(text.len, 2 * DOC_BUILT_DEPTH_MAX);
    struct doc *back;
    assert_int_equal(doc_parse(&back, view_of_buf(&text), BYTES_MAX), ERR_JSON_DEPTH);
}

struct shared {
    pthread_t thread;
    struct doc *doc; /* this thread's reference */
    bool same;
};

static const char *const shared_text =
    "{\"b\":[true,null,\"目\"],\"a\":{\"x\":1,\"w\":\"\\n\"},\"c\":-5}";

static void *use_shared(void *argument)
{
    struct shared *shared = argument;
    AUTO(buf_free) struct buf text = {0};
    shared->same = true;
    for (int i = 0; i < 500; i++) {
        struct doc *part = doc_ref(doc_get(shared->doc, i % 2 ? "a" : "b"));
        buf_clear(&text);
        doc_append_canonical(&text, shared->doc);
        shared->same &= text.len > 0 && text.data[2] == 'a' && doc_get_int(shared->doc, "c", 0) < 0;
        doc_free(&part);
    }
    doc_free(&shared->doc);
    return NULL;
}

static void *parse_for_another(void *out)
{
    return (void *)(uintptr_t)doc_parse(out, view_of_text(shared_text), BYTES_MAX);
}

/* Parsed on one thread, handed over, read by several; the last one to let go frees it. */
static void documents_cross_threads(void **state)
{
    (void)state;
    struct doc *doc = NULL;
    pthread_t parser;
    void *error;
    assert_int_equal(pthread_create(&parser, NULL, parse_for_another, &doc), 0);
    assert_int_equal(pthread_join(parser, &error), 0);
    assert_null(error);
    struct shared users[6];
    for (size_t i = 0; i < COUNT_OF(users); i++) {
        users[i] = (struct shared){.doc = doc_ref(doc)};
        assert_int_equal(pthread_create(&users[i].thread, NULL, use_shared, &users[i]), 0);
    }
    doc_free(&doc);
    for (size_t i = 0; i < COUNT_OF(users); i++) {
        assert_int_equal(pthread_join(users[i].thread, NULL), 0);
        assert_true(users[i].same);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(getters_say_absent),
        cmocka_unit_test(building),
        cmocka_unit_test(copies_are_independent_and_references_are_not),
        cmocka_unit_test(documents_can_be_changed_however_they_came_about),
        cmocka_unit_test(misuse_stops),
        cmocka_unit_test(parsed_documents_can_be_wrapped),
        cmocka_unit_test(documents_cross_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
