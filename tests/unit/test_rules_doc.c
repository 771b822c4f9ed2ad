/* docs/rules.md, generated from the rows of tests/rules, the types' tables and the sample profiles.
 *
 * After changing a row, rewrite it with
 *     DIRCHAIN_REWRITE=1 build/dev/tests/test_rules_doc
 * and read the diff. */
#include "check.h"

#include "base/bytes.h"
#include "base/doc.h"
#include "base/file.h"
#include "base/memory.h"
#include "chain/rule.h"
#include "chain/rules/registry.h"
#include "chain/rules/term_kinds.h"

#include <stdlib.h>
#include <string.h>

#define PAGE DIRCHAIN_SOURCE_DIR "/docs/rules.md"
#define REQUIREMENTS DIRCHAIN_SOURCE_DIR "/docs/requirements.md"
#define PAGE_BYTES_MAX (4 << 20)

struct row {
    const char *name, *requirements, *clause, *types, *states, *sections, *english, *chinese;
};
static const struct row rows[] = {
#define ROW(name, requirements, clause, types, states, sections, english, chinese)                 \
    {#name, requirements, clause, types, states, sections, english, chinese},
#define BOUNDARY(row, term)
#include "all_rows.h"
#undef ROW
#undef BOUNDARY
};

/* Which row looks at both sides of the instant at which a term of a kind ends. */
struct boundary {
    const char *row, *term;
};
static const struct boundary boundaries[] = {
#define ROW(name, requirements, clause, types, states, sections, english, chinese)
#define BOUNDARY(row, term) {#row, term},
#include "all_rows.h"
#undef ROW
#undef BOUNDARY
};

static const char *const profile_names[] = {"putuo", "changning", "shanghai-open"};
static struct doc *profiles[COUNT_OF(profile_names)];

/* ---- lists within a row ---- */

/* The next word of a list separated by ", "; false at its end. */
static bool next_word(const char **rest, char *out, size_t size)
{
    while (**rest == ',' || **rest == ' ') {
        (*rest)++;
    }
    size_t len = strcspn(*rest, ",");
    if (len == 0) {
        return false;
    }
    assert_true(len < size);
    memcpy(out, *rest, len);
    out[len] = 0;
    *rest += len;
    return true;
}

static bool has_word(const char *list, const char *word)
{
    char each[100];
    while (next_word(&list, each, sizeof each)) {
        if (strcmp(each, word) == 0) {
            return true;
        }
    }
    return false;
}

static const struct doc *section_of(const struct doc *profile, const char *path)
{
    char name[100];
    (void)snprintf(name, sizeof name, "%s", path);
    for (char *part = strtok(name, "."); part != NULL && profile != NULL;
         part = strtok(NULL, ".")) {
        profile = doc_get(profile, part);
    }
    return profile;
}

static bool field_of(const struct field *fields, const char *path)
{
    size_t len = strcspn(path, ".");
    for (; fields->name != NULL; fields++) {
        if (strlen(fields->name) == len && memcmp(fields->name, path, len) == 0) {
            return path[len] == 0 ||
                   (fields->kind == FIELD_OBJECT && field_of(fields->fields, path + len + 1));
        }
    }
    return false;
}

/* ---- the page ---- */

static void append_code_list(struct buf *out, const char *list)
{
    char word[100];
    for (bool first = true; next_word(&list, word, sizeof word); first = false) {
        buf_append_text(out, first ? "`" : ", `");
        buf_append_text(out, word);
        buf_append_text(out, "`");
    }
}

/* A value of a section that is no number with a unit. */
static void append_value(struct buf *out, const struct doc *value)
{
    if (doc_kind(value) == DOC_BOOL) {
        buf_append_text(out, doc_bool(value, false) ? "yes" : "no");
    } else if (doc_kind(value) == DOC_TEXT) {
        buf_append_text(out, doc_text(value));
    } else if (doc_kind(value) == DOC_INT) {
        buf_append_format(out, "%lld", (long long)doc_int(value, 0));
    }
    for (size_t i = 0; i < doc_count(value); i++) {
        buf_append_text(out, i == 0 ? "" : "/");
        append_value(out, doc_at(value, i));
    }
    if (doc_kind(value) == DOC_ARRAY && doc_count(value) == 0) {
        buf_append_text(out, "none");
    }
}

/* What a section says beside its clause: its number with the unit, then its words. */
static void append_facts(struct buf *out, const struct doc *section)
{
    static const struct {
        const char *name, *unit;
    } numbers[] = {
        {"days", " 个工作日"}, {"calendar_days", " 日"}, {"months", " 个月"}, {"years", " 年"}};
    size_t cursor = 0;
    const char *key;
    const struct doc *value;
    for (bool first = true; doc_next(section, &cursor, &key, &value);) {
        if (strstr(key, "clause") != NULL) {
            continue;
        }
        size_t unit = 0;
        while (unit < COUNT_OF(numbers) && strcmp(numbers[unit].name, key) != 0) {
            unit++;
        }
        buf_append_text(out, first ? " " : ", ");
        if (unit == COUNT_OF(numbers)) {
            buf_append_format(out, "%s%s", key, doc_kind(value) == DOC_OBJECT ? "" : " ");
        }
        if (doc_kind(value) == DOC_OBJECT) {
            append_facts(out, value);
        } else {
            append_value(out, value);
        }
        buf_append_text(out, unit < COUNT_OF(numbers) ? numbers[unit].unit : "");
        first = false;
    }
}

/* What each profile says of a section, and the clause. */
static void append_section(struct buf *out, const char *path)
{
    buf_append_format(out, "`%s`:", path);
    for (size_t i = 0; i < COUNT_OF(profiles); i++) {
        const struct doc *section = section_of(profiles[i], path);
        buf_append_format(out, "%s %s", i == 0 ? "" : ";", profile_names[i]);
        if (section == NULL) {
            buf_append_text(out, " —");
            continue;
        }
        append_facts(out, section);
        const char *clause = doc_get_text(section, "clause");
        if (clause != NULL) {
            buf_append_format(out, " (%s)", clause);
        }
    }
}

static void append_row(struct buf *out, const struct row *row)
{
    buf_append_text(out, "| ");
    buf_append_text(out, row->chinese);
    buf_append_text(out, "<br>");
    buf_append_text(out, row->english);
    buf_append_text(out, " | ");
    buf_append_text(out, row->clause);
    buf_append_text(out, " | ");
    append_code_list(out, row->types);
    buf_append_text(out, " | ");
    buf_append_text(out, row->states);
    buf_append_text(out, " | ");
    const char *sections = row->sections;
    char path[100];
    for (bool first = true; next_word(&sections, path, sizeof path); first = false) {
        buf_append_text(out, first ? "" : "<br>");
        append_section(out, path);
    }
    buf_append_text(out, " | `rules.");
    buf_append_text(out, row->name);
    buf_append_text(out, "` |\n");
}

/* "| C4 | text | source |" of docs/requirements.md, for the sections A to D. */
struct requirement {
    char id[8];
    struct view text, source;
};

/* The cell at *at, which stands behind a "| "; moves to the next. */
static struct view next_cell(const char **at)
{
    const char *end = strstr(*at, " |");
    assert_non_null(end);
    struct view cell = {(const uint8_t *)*at, (size_t)(end - *at)};
    *at = end + (end[2] == ' ' ? 3 : 2);
    return cell;
}

static bool next_requirement(const char **at, struct requirement *out)
{
    while ((*at = strstr(*at, "\n| ")) != NULL) {
        *at += 3;
        if ((*at)[0] < 'A' || (*at)[0] > 'D' || (*at)[1] < '0' || (*at)[1] > '9') {
            continue;
        }
        struct view id = next_cell(at);
        assert_true(id.len < sizeof out->id);
        memcpy(out->id, id.data, id.len);
        out->id[id.len] = 0;
        out->text = next_cell(at);
        out->source = next_cell(at);
        (*at)--; /* the line's end begins the next */
        return true;
    }
    return false;
}

/* The page's tables of what is asked; that of what meets it follows under a heading of its own. */
static const char *read_requirements(struct buf *out)
{
    AUTO(buf_free) struct buf page = {0};
    assert_int_equal(file_read(&page, REQUIREMENTS, PAGE_BYTES_MAX), 0);
    const char *text = buf_text(&page), *end = strstr(text, "\n## What meets them");
    assert_non_null(end);
    buf_append(out, text, (size_t)(end - text));
    return buf_text(out);
}

static size_t append_requirement(struct buf *out, const struct requirement *requirement)
{
    size_t count = 0;
    buf_append_text(out, "\n## ");
    buf_append_text(out, requirement->id);
    buf_append_text(out, "\n");
    buf_append_view(out, requirement->text);
    buf_append_text(out, " *");
    buf_append_view(out, requirement->source);
    buf_append_text(
        out, "*\n\n| 规则 rule | 条款 clause | 交易 types | 状态 states | 期限与参数 terms | "
             "测试 test |\n|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        if (has_word(rows[i].requirements, requirement->id)) {
            append_row(out, &rows[i]);
            count++;
        }
    }
    return count;
}

static const struct row *row_named(const char *name)
{
    size_t i = 0;
    while (i < COUNT_OF(rows) && strcmp(rows[i].name, name) != 0) {
        i++;
    }
    return i < COUNT_OF(rows) ? &rows[i] : NULL;
}

/* The rows that look at the boundary of this kind, each in a table's row of its own. */
static void append_term(struct buf *out, const struct term_kind *kind)
{
    for (size_t i = 0; i < COUNT_OF(boundaries); i++) {
        const struct boundary *boundary = &boundaries[i];
        const struct row *row = row_named(boundary->row);
        if (strcmp(boundary->term, kind->name) != 0 || row == NULL) {
            continue;
        }
        buf_append_format(out, "| `%s` | %s<br>%s | %s | ", kind->name,
                          kind->chinese == NULL ? "届满即由账本处置" : kind->chinese,
                          kind->english == NULL ? "the ledger acts at its end" : kind->english,
                          row->clause);
        const char *sections = row->sections;
        char path[100];
        for (bool first = true; next_word(&sections, path, sizeof path); first = false) {
            buf_append_text(out, first ? "" : "<br>");
            append_section(out, path);
        }
        buf_append_format(out, " | `rules.%s`<br>`rules.term.%s.%s` |\n", row->name, kind->name,
                          row->name);
    }
}

static void append_terms(struct buf *out)
{
    buf_append_text(
        out,
        "\n## 期限 Terms\n"
        "Each kind of term (`src/chain/rules/term_kinds.c`) with the rows that look at both sides of "
        "the instant at which\nit ends. `rules.term.*` runs the row with the end of that kind a day "
        "or a millisecond too early, a millisecond or\na day too late, and taken for reached a "
        "millisecond late: the row has to fail each time.\n\n"
        "每一种期限及检验其届满时点前后各一毫秒的规则测试；`rules.term.*` 令该种期限提前、推迟一日或者"
        "一毫秒届满，相应测试必须逐一失败。\n\n"
        "| 期限 term | 事项 what | 条款 clause | 参数 profile | 测试 test |\n|---|---|---|---|---|\n");
    for (size_t i = 0; term_kind_at(i) != NULL; i++) {
        append_term(out, term_kind_at(i));
    }
}

static void generate(struct buf *out, const char *requirements)
{
    buf_append_text(
        out, "# 规则表 The rules, clause by clause\n\n"
             "Generated from `tests/rules/*.def`, the tables of transaction types and the sample "
             "profiles: what of the\nlaw the ledger executes. Each row has a test written from the "
             "clause: `ctest -L rules` runs them all, `ctest -R\nNAME` one. A term shows each "
             "sample profile's number; — where its document knows no such term.\n\n"
             "由规则表生成：每一行是账本自动执行的一条规定，列明条款、交易类型、状态、各政策参数的"
             "期限，以及逐条按条文编写的测试。\n");
    struct requirement requirement;
    for (const char *at = requirements; next_requirement(&at, &requirement);) {
        append_requirement(out, &requirement);
    }
    append_terms(out);
}

static void the_page_is_what_the_rows_say(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf generated = {0}, committed = {0}, requirements = {0};
    generate(&generated, read_requirements(&requirements));
    if (getenv("DIRCHAIN_REWRITE") != NULL) {
        FILE *file = fopen(PAGE, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(generated.data, 1, generated.len, file), generated.len);
        assert_int_equal(fclose(file), 0);
    }
    assert_int_equal(file_read(&committed, PAGE, PAGE_BYTES_MAX), 0);
    if (!view_equal(view_of_buf(&generated), view_of_buf(&committed))) {
        fail_msg("docs/rules.md is out of date: rewrite it with "
                 "DIRCHAIN_REWRITE=1 build/dev/tests/test_rules_doc, and read the diff");
    }
}

/* ---- the rows ---- */

static void rows_name_what_there_is(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf requirements = {0};
    const char *asked = read_requirements(&requirements);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct row *row = &rows[i];
        char word[100];
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(row->name, rows[k].name);
        }
        assert_true(row->clause[0] != 0 && row->english[0] != 0 && row->chinese[0] != 0);
        const char *list = row->types;
        while (next_word(&list, word, sizeof word)) {
            if (schema_find(word) == NULL) {
                fail_msg("%s names the type %s, which there is not", row->name, word);
            }
        }
        list = row->sections;
        while (next_word(&list, word, sizeof word)) {
            if (!field_of(rules_profile_fields, word)) {
                fail_msg("%s names the profile's section %s, which there is not", row->name, word);
            }
        }
        list = row->requirements;
        while (next_word(&list, word, sizeof word)) {
            bool found = false;
            struct requirement requirement;
            for (const char *at = asked; !found && next_requirement(&at, &requirement);) {
                found = strcmp(requirement.id, word) == 0;
            }
            if (!found) {
                fail_msg("%s names the requirement %s, which there is not", row->name, word);
            }
        }
    }
}

/* Nothing is left out: each requirement has a rule, each type is in one; what records the moving of
 * data belongs to the requirements E. */
static void nothing_is_without_a_row(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf requirements = {0}, missing = {0};
    struct requirement requirement;
    for (const char *at = read_requirements(&requirements); next_requirement(&at, &requirement);) {
        bool found = false;
        for (size_t i = 0; i < COUNT_OF(rows); i++) {
            found = found || has_word(rows[i].requirements, requirement.id);
        }
        buf_append_format(&missing, "%s%s", found ? "" : " ", found ? "" : requirement.id);
    }
    for (size_t i = 0; i < rules_type_count; i++) {
        bool found = strncmp(rules_types[i]->name, "access.", strlen("access.")) == 0;
        for (size_t k = 0; k < COUNT_OF(rows); k++) {
            found = found || has_word(rows[k].types, rules_types[i]->name);
        }
        buf_append_format(&missing, "%s%s", found ? "" : " ", found ? "" : rules_types[i]->name);
    }
    if (missing.len > 0) {
        fail_msg("no row for:%s", buf_text(&missing));
    }
}

/* A term whose end no row looks at may end a day too late without anybody noticing. */
static void every_term_has_a_boundary(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf wrong = {0};
    for (size_t k = 0; term_kind_at(k) != NULL; k++) {
        size_t found = 0;
        for (size_t i = 0; i < COUNT_OF(boundaries); i++) {
            found += strcmp(boundaries[i].term, term_kind_at(k)->name) == 0;
        }
        if (found == 0) {
            buf_append_format(
                &wrong,
                "\nno row looks at the end of the term \"%s\": write one that looks at the "
                "millisecond before its end and at its end, a literal date, and say\n"
                "    BOUNDARY(<row>, \"%s\")\nbelow its ROW in tests/rules/rows_<family>.def",
                term_kind_at(k)->name, term_kind_at(k)->name);
        }
    }
    for (size_t i = 0; i < COUNT_OF(boundaries); i++) {
        size_t k = 0;
        while (term_kind_at(k) != NULL && strcmp(term_kind_at(k)->name, boundaries[i].term) != 0) {
            k++;
        }
        if (term_kind_at(k) == NULL || row_named(boundaries[i].row) == NULL) {
            buf_append_format(&wrong, "\nBOUNDARY(%s, \"%s\"): there is no such %s",
                              boundaries[i].row, boundaries[i].term,
                              term_kind_at(k) == NULL ? "term" : "row");
        }
    }
    if (wrong.len > 0) {
        fail_msg("%s", buf_text(&wrong));
    }
}

static int read_profiles(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(profiles); i++) {
        char path[300];
        AUTO(buf_free) struct buf text = {0};
        (void)snprintf(path, sizeof path, DIRCHAIN_SOURCE_DIR "/samples/profiles/%s.json",
                       profile_names[i]);
        assert_int_equal(file_read(&text, path, PAGE_BYTES_MAX), 0);
        assert_int_equal(doc_parse(&profiles[i], view_of_buf(&text), PAGE_BYTES_MAX), 0);
    }
    return 0;
}

static int free_profiles(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(profiles); i++) {
        doc_free(&profiles[i]);
    }
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_name_what_there_is),
        cmocka_unit_test(the_page_is_what_the_rows_say),
        cmocka_unit_test(nothing_is_without_a_row),
        cmocka_unit_test(every_term_has_a_boundary),
    };
    return cmocka_run_group_tests(tests, read_profiles, free_profiles);
}
