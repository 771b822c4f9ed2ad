/* All faults of a document at once: where the form of a body is at fault, what the rest of it says
 * together is told in the same refusal; and nothing of it can be read wrongly. */
#include "rules_fixture.h"

#include "chain/rules/records.h"

#include "base/memory.h"

struct expected {
    int error;
    const char *field;
};

/* Exactly these, in any order. */
static void expect(const struct ledger *ledger, const struct expected *expected, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_true(ledger_fault(ledger, expected[i].error, expected[i].field));
    }
    AUTO(buf_free) struct buf text = {0};
    faults_append_text(&text, &ledger->faults);
    if (ledger->faults.count != count) {
        fail_msg("%zu faults for %zu:\n%s", ledger->faults.count, count, buf_text(&text));
    }
    for (size_t i = 0; i < count; i++) {
        assert_true(ledger->faults.item[i].clause[0] != '\0');
    }
}

/* ---- bodies ---- */

static void an_entry_tells_form_and_content(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(
        ledger_do(ledger, ALPHA "/compile", "catalog.submit",
                  "{'code':'E1','entry':{'category':'部门','name':'社会组织信息','summary':7,"
                  "'format':'paper','sharing':'authorised','opening':'conditional',"
                  "'update':'daily','published_on':'2026-13-01',"
                  "'source':{'system':'jdbc:mysql://u:geheim@h/x'},'coverage':'全省',"
                  "'keywords':['民政','',9,'民政'],'period':{'from':'2026-05-01','to':'2026-04-30'},"
                  "'manager':'处室','grade':2,'colour':'red','items':["
                  "{'name':'姓名','type':'X','length':0,'precision':2},"
                  "{'name':'姓名','type':'C','sharing':'unconditional'},"
                  "{'field':'MZ','type':'C','length':11},9]}}"),
        ERR_FIELD_TYPE);
    static const struct expected expected[] = {
        {ERR_FIELD_TYPE, "entry.summary"},
        {ERR_FIELD_CHOICE, "entry.format"},
        {ERR_DATE, "entry.published_on"},
        {ERR_FIELD_LENGTH, "entry.keywords[1]"},
        {ERR_FIELD_TYPE, "entry.keywords[2]"},
        {ERR_FIELD_UNKNOWN, "entry.colour"},
        {ERR_FIELD_CHOICE, "entry.items[0].type"},
        {ERR_FIELD_RANGE, "entry.items[0].length"},
        {ERR_FIELD_MISSING, "entry.items[2].name"},
        {ERR_FIELD_TYPE, "entry.items[3]"},
        /* and what the rest says together */
        {ERR_FIELD_MISSING, "entry.duty"},
        {ERR_DUPLICATE, "entry.keywords[3]"},
        {ERR_FIELD_FORMAT, "entry.period.to"},
        {ERR_FIELD_MISSING, "entry.sharing_reason"},
        {ERR_FIELD_MISSING, "entry.sharing_basis"},
        {ERR_FIELD_MISSING, "entry.opening_conditions"},
        {ERR_CREDENTIALS, "entry.source.system"},
        {ERR_DUPLICATE, "entry.items[1].name"},
        {ERR_FIELD_MISSING, "entry.items[1].length"},
        {ERR_FIELD_CHOICE, "entry.items[1].sharing"},
        {ERR_FIELD_FORMAT, "entry.items[2].field"},
    };
    expect(ledger, expected, COUNT_OF(expected));
    ledger_close(&ledger);
}

/* What cannot be read is neither missing nor wrong a second time. */
static void what_cannot_be_read_is_told_once(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(
        ledger_do(ledger, ALPHA "/compile", "catalog.submit",
                  "{'code':'E1','entry':{'category':'部门','name':'社会组织信息','summary':'摘要',"
                  "'format':'database','sharing':'some','sharing_reason':7,'duty':'','grade':2,"
                  "'opening':'conditional','opening_conditions':8,'update':'daily',"
                  "'published_on':'2026-01-05','source':{'system':'系统'},'coverage':'全省',"
                  "'period':{'from':7,'to':'2026-04-30'},'manager':'处室','items':["
                  "{'name':'姓名','type':'N','length':10,'precision':'two',"
                  "'sharing':'unconditional'}]}}"),
        ERR_FIELD_TYPE);
    static const struct expected expected[] = {
        {ERR_FIELD_CHOICE, "entry.sharing"},     {ERR_FIELD_TYPE, "entry.sharing_reason"},
        {ERR_FIELD_LENGTH, "entry.duty"},        {ERR_FIELD_TYPE, "entry.opening_conditions"},
        {ERR_FIELD_TYPE, "entry.period.from"},   {ERR_FIELD_TYPE, "entry.items[0].precision"},
    };
    expect(ledger, expected, COUNT_OF(expected));
    assert_int_not_equal(ledger_do(ledger, ALPHA "/compile", "catalog.submit", "{'code':'E1'}"), 0);
    static const struct expected nothing[] = {{ERR_FIELD_MISSING, "entry"}};
    expect(ledger, nothing, COUNT_OF(nothing));
    ledger_close(&ledger);
}

/* Putuo's profile with each section that `sections` has in its place. */
static int publish(struct ledger *ledger, const char *sections)
{
    AUTO(doc_free) struct doc *now = doc_copy(doc_get(ledger_get(ledger, "profile"), "profile"));
    AUTO(doc_free) struct doc *put = NULL;
    AUTO(doc_free) struct doc *body = doc_new_object();
    AUTO(buf_free) struct buf json = {0};
    size_t cursor = 0;
    const char *name;
    const struct doc *value;
    assert_int_equal(doc_parse(&put, view_of_text(sections), 65536), 0);
    while (doc_next(put, &cursor, &name, &value)) {
        if (doc_kind(value) == DOC_NULL) {
            doc_remove(now, name);
        } else {
            doc_set(now, name, doc_ref(value));
        }
    }
    doc_set(body, "profile", doc_ref(now));
    doc_set_text(body, "acts_on", ledger_text(ledger, "profile", "version"));
    doc_append_canonical(&json, body); /* no reason: a fault of form, beside the profile */
    return ledger_do(ledger, CENTER "/admin", "profile.publish", "%s", buf_text(&json));
}

static void a_profile_tells_form_and_rules(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(
        publish(ledger,
                "{\"title\":\"\",\"review\":{\"days\":1,\"months\":1,\"clause\":\"PT 13\"},"
                "\"resubmit\":{\"clause\":\"PT 13\"},\"assess\":{\"days\":\"one\",\"clause\":\"PT 14\"},"
                "\"scenario\":{\"cases\":[2,1,3],\"assessed\":[4],\"clause\":\"PT 19\"},"
                "\"modes\":{\"assessed\":[\"file\",\"post\",\"file\"],\"clause\":\"PT 21\"},"
                "\"disuse\":null,\"need\":null,\"collect\":9,"
                "\"upper\":{\"clause\":7}}"),
        ERR_FIELD_LENGTH);
    static const struct expected expected[] = {
        {ERR_FIELD_LENGTH, "profile.title"},
        {ERR_FIELD_TYPE, "profile.assess.days"},
        {ERR_FIELD_TYPE, "profile.collect"},
        {ERR_FIELD_CHOICE, "profile.modes.assessed[1]"},
        {ERR_FIELD_MISSING, "profile.upper.by"},
        {ERR_FIELD_TYPE, "profile.upper.clause"},
        {ERR_FIELD_MISSING, "reason"},
        /* and what the rest says together */
        {ERR_DUPLICATE, "profile.review.months"},
        {ERR_FIELD_MISSING, "profile.resubmit.days"},
        {ERR_FIELD_FORMAT, "profile.scenario.cases[1]"},
        {ERR_CASE_UNASSESSED, "profile.scenario.cases[0]"},
        {ERR_FIELD_CHOICE, "profile.scenario.assessed[0]"},
        {ERR_DUPLICATE, "profile.modes.assessed[2]"},
        {ERR_FIELD_MISSING, "profile.disuse"},
        {ERR_FIELD_MISSING, "profile.need"},
    };
    expect(ledger, expected, COUNT_OF(expected));
    ledger_close(&ledger);
}

/* PT 31: a report that was begun is whole; what the profile has it owe is the ledger's to say. */
static void a_suspension_tells_its_report(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(ledger_do(ledger, CENTER "/admin", "member.suspend",
                               "{'member':'" BETA "','acts_on':'7','papers':'%064x',"
                               "'supervisors':['" SUPERVISOR "','" SUPERVISOR "']}",
                               7),
                     ERR_FIELD_FORMAT);
    static const struct expected risk[] = {
        {ERR_FIELD_FORMAT, "acts_on"},     {ERR_FIELD_MISSING, "reason"},
        {ERR_FIELD_UNKNOWN, "papers"},     {ERR_FIELD_MISSING, "authority"},
        {ERR_FIELD_MISSING, "document"},   {ERR_DUPLICATE, "supervisors[1]"},
    };
    expect(ledger, risk, COUNT_OF(risk));
    assert_int_equal(ledger_do(ledger, CENTER "/admin", "member.remove",
                               "{'member':'" BETA "','acts_on':'%064x','cause':'order',"
                               "'papers':'%064x','authority':'区委网信办'}",
                               7, 8),
                     ERR_FIELD_MISSING);
    static const struct expected order[] = {{ERR_FIELD_MISSING, "reason"},
                                            {ERR_FIELD_UNKNOWN, "authority"}};
    expect(ledger, order, COUNT_OF(order));
    /* In form, without a word of the report: all of it in one refusal, supervisors too. */
    AUTO(doc_free) struct doc *member = doc_ref(ledger_get(ledger, "member/" BETA));
    assert_int_equal(ledger_do(ledger, CENTER "/admin", "member.suspend",
                               "{'member':'" BETA "','acts_on':'%s','reason':'泄露'}",
                               doc_get_text(member, "version")),
                     ERR_FIELD_MISSING);
    static const struct expected owed[] = {{ERR_FIELD_MISSING, "authority"},
                                           {ERR_FIELD_MISSING, "document"},
                                           {ERR_FIELD_MISSING, "supervisors"}};
    expect(ledger, owed, COUNT_OF(owed));
    ledger_close(&ledger);
}

/* A2: who compiles does not review. */
static void an_officer_tells_day_and_hands(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    char first[80], second[80], taken[80];
    (void)snprintf(first, sizeof first, "%s", fixture_public(ALPHA "/a"));
    (void)snprintf(second, sizeof second, "%s", fixture_public(ALPHA "/b"));
    (void)snprintf(taken, sizeof taken, "%s", fixture_public(ALPHA "/compile"));
    assert_int_equal(ledger_do(ledger, ALPHA "/chief", "officer.register",
                               "{'code':'Data','filing':'x','changed_on':'2026-02-30','keys':["
                               "{'name':'data-1','role':'compile','public':'02'},"
                               "{'name':'D-2','role':'review','public':'%s'},"
                               "{'name':'data-3','role':'gateway','public':'%s'}]}",
                               first, second),
                     ERR_FIELD_FORMAT);
    static const struct expected form[] = {
        {ERR_FIELD_FORMAT, "filing"},          {ERR_DATE, "changed_on"},
        {ERR_FIELD_FORMAT, "keys[0].public"},  {ERR_FIELD_CHOICE, "keys[2].role"},
        {ERR_FIELD_FORMAT, "code"},            {ERR_FIELD_FORMAT, "keys[1].name"},
        {ERR_SAME_OFFICER, "keys[1].officer"},
    };
    expect(ledger, form, COUNT_OF(form));
    /* 2026-01-05: in form, and all that the ledger has against it. */
    assert_int_equal(ledger_do(ledger, ALPHA "/chief", "officer.register",
                               "{'code':'data-1','changed_on':'2026-01-06','keys':["
                               "{'name':'data-1','role':'compile','public':'%s'},"
                               "{'name':'data-2','role':'review','public':'%s'}]}",
                               first, taken),
                     ERR_FIELD_RANGE);
    static const struct expected content[] = {{ERR_FIELD_RANGE, "changed_on"},
                                              {ERR_KEY_DUPLICATE, "keys[1].public"},
                                              {ERR_SAME_OFFICER, "keys[1].officer"}};
    expect(ledger, content, COUNT_OF(content));
    assert_int_equal(ledger_do(ledger, ALPHA "/chief", "officer.register",
                               "{'code':'data-1','changed_on':'2026-01-06','keys':["
                               "{'name':'data-1','role':'compile','public':'%s'},"
                               "{'name':'data-2','role':'review','public':'%s'}]}",
                               first, second),
                     ERR_FIELD_RANGE);
    static const struct expected hands[] = {{ERR_FIELD_RANGE, "changed_on"},
                                            {ERR_SAME_OFFICER, "keys[1].officer"}};
    expect(ledger, hands, COUNT_OF(hands));
    assert_null(ledger_get(ledger, "officer/" ALPHA "/data-1"));
    ledger_close(&ledger);
}

/* PT 18, PT 19: commitments and scenario beside faults of form. */
static void a_request_tells_its_commitments(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    assert_int_not_equal(
        ledger_do(ledger, BETA "/compile", "request.submit",
                  "{'provider':'" ALPHA "','entry':'E1','purpose':7,'mode':'file',"
                  "'commitments':{'genuine':false,'reasonable':'yes','compliant':true},"
                  "'scenario':{'case':1,'project':{'authority':'区发改委','document':'%064x'},"
                  "'restriction':9},'until':'2026'}",
                  7),
        0);
    static const struct expected expected[] = {
        {ERR_FIELD_TYPE, "commitments.reasonable"},  {ERR_DATE, "until"},
        {ERR_COMMITMENT, "commitments.genuine"},     {ERR_FIELD_MISSING, "system"},
        {ERR_FIELD_MISSING, "scenario.matter"},      {ERR_FIELD_UNKNOWN, "scenario.project"},
        {ERR_FIELD_UNKNOWN, "scenario.restriction"}, {ERR_FIELD_TYPE, "scenario.restriction"},
    };
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        assert_true(ledger_fault(ledger, expected[i].error, expected[i].field));
    }
    /* Of a case that nobody can read nothing follows. */
    assert_int_not_equal(ledger_do(ledger, BETA "/compile", "request.submit",
                                   "{'scenario':{'case':9,'project':{'authority':'区发改委',"
                                   "'document':'%064x'}}}",
                                   7),
                         0);
    for (size_t i = 0; i < ledger->faults.count; i++) {
        assert_string_not_equal(ledger->faults.item[i].field, "scenario.matter");
        assert_string_not_equal(ledger->faults.item[i].field, "scenario.project");
    }
    ledger_close(&ledger);
}

/* PT 22: needs and fusions promise what a request does. */
static void a_need_and_a_fusion_tell_their_use(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    static const char *const types[] = {"need.submit", "fusion.submit"};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        assert_int_not_equal(ledger_do(ledger, BETA "/compile", types[i],
                                       "{'mode':'file','commitments':{'genuine':true,"
                                       "'reasonable':false,'compliant':7}}"),
                             0);
        assert_true(ledger_fault(ledger, ERR_FIELD_TYPE, "commitments.compliant"));
        assert_true(ledger_fault(ledger, ERR_COMMITMENT, "commitments.reasonable"));
        assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "system"));
    }
    ledger_close(&ledger);
}

/* OPEN 9, 15, 17, 18: what is listed twice, noted of nothing, or has no conditions. */
static void a_listing_tells_its_conditions(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    assert_int_not_equal(ledger_do(ledger, ALPHA "/compile", "open.list",
                                   "{'code':'E1','acts_on':'%064x','reason':'列入清单',"
                                   "'listing':{'theme':7,'type':'conditional',"
                                   "'conditions':8,'items':['姓名','年龄','姓名'],"
                                   "'notes':[{'item':'性别','text':'男女'},{'item':9}],"
                                   "'update':'daily'}}",
                                   7),
                         0);
    static const struct expected expected[] = {
        {ERR_FIELD_TYPE, "listing.theme"},        {ERR_FIELD_TYPE, "listing.conditions"},
        {ERR_FIELD_TYPE, "listing.notes[1].item"}, {ERR_FIELD_MISSING, "listing.notes[1].text"},
        {ERR_DUPLICATE, "listing.items[2]"},      {ERR_SUBJECT, "listing.notes[0].item"},
        {ERR_FIELD_MISSING, "listing.materials"},
    };
    expect(ledger, expected, COUNT_OF(expected));
    /* Of a list that nobody can read no note is astray; of no type no condition is missing. */
    assert_int_not_equal(ledger_do(ledger, ALPHA "/compile", "open.list",
                                   "{'code':'E1','acts_on':'%064x','reason':'列入清单',"
                                   "'listing':{'theme':'民政','type':'some',"
                                   "'items':['姓名',7],'notes':[{'item':'性别','text':'男女'}],"
                                   "'update':'daily'}}",
                                   7),
                         0);
    static const struct expected unread[] = {{ERR_FIELD_CHOICE, "listing.type"},
                                             {ERR_FIELD_TYPE, "listing.items[1]"}};
    expect(ledger, unread, COUNT_OF(unread));
    ledger_close(&ledger);
}

/* PT 2: what can be entrusted is told with what is wrong in form. */
static void a_delegation_tells_its_types(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    assert_int_not_equal(ledger_do(ledger, ALPHA "/chief", "delegation.grant",
                                   "{'code':'Firm','types':['catalog.submit','request.answer',7]}"),
                         0);
    assert_true(ledger_fault(ledger, ERR_FIELD_TYPE, "types[2]"));
    assert_true(ledger_fault(ledger, ERR_FIELD_FORMAT, "code"));
    assert_true(ledger_fault(ledger, ERR_FIELD_CHOICE, "types[1]"));
    const struct fault *last = &ledger->faults.item[ledger->faults.count - 1];
    assert_string_equal(last->may, "catalog.bind catalog.change catalog.collect catalog.refresh "
                                   "catalog.submit");
    for (size_t i = 0; i < ledger->faults.count; i++) {
        assert_string_not_equal(ledger->faults.item[i].field, "types[0]");
    }
    ledger_close(&ledger);
}

/* ---- any body at all ---- */

static struct doc *sample_of(const struct field *field, bool longest);

static struct doc *sample_object(const struct field *fields, bool longest)
{
    struct doc *object = doc_new_object();
    for (; fields->name != NULL; fields++) {
        doc_set(object, fields->name, sample_of(fields, longest));
    }
    return object;
}

static struct doc *sample_text(int64_t chars)
{
    AUTO(buf_free) struct buf text = {0};
    for (int64_t i = 0; i < (chars < 2 ? 2 : chars > 40 ? 40 : chars); i++) {
        buf_append_text(&text, "a");
    }
    return doc_new_text(buf_text(&text));
}

static struct doc *sample_choice(const struct field *field, bool last)
{
    size_t i = 0;
    while (last && field->choices[i + 1] != NULL) {
        i++;
    }
    return doc_new_text(field->choices[i]);
}

/* One that its kind accepts, as a rule: what it is not makes no difference here. */
static struct doc *sample_of(const struct field *field, bool longest)
{
    switch (field->kind) {
    case FIELD_INT:
    case FIELD_TIME:
        return doc_new_int(longest && field->max > 0 ? field->max : field->min);
    case FIELD_BOOL:
        return doc_new_bool(longest);
    case FIELD_CHOICE:
        return sample_choice(field, longest);
    case FIELD_MEMBER:
        return doc_new_text(ALPHA);
    case FIELD_HASH:
    case FIELD_PEER_KEY:
        return sample_text(2 * HASH_BYTES);
    case FIELD_DATE:
        return doc_new_text("2026-02-12");
    case FIELD_OBJECT:
        return sample_object(field->fields, longest);
    case FIELD_LIST: {
        struct doc *list = doc_new_array();
        doc_push(list, sample_of(field->element, longest));
        doc_push(list, sample_of(field->element, !longest));
        return list;
    }
    default:
        return sample_text(longest ? field->max : field->min);
    }
}

/* Spoils the value at place *at of a walk through the document, in one of four ways. */
static struct doc *spoiled(const struct doc *value, long *at, int way)
{
    if ((*at)-- == 0) {
        return way == 0   ? NULL
               : way == 1 ? doc_new_null()
               : way == 2 ? doc_new_int(-1)
                          : doc_new_array();
    }
    struct doc *copy = doc_kind(value) == DOC_OBJECT  ? doc_new_object()
                       : doc_kind(value) == DOC_ARRAY ? doc_new_array()
                                                      : doc_ref(value);
    size_t cursor = 0;
    const char *name;
    const struct doc *member;
    while (doc_kind(value) == DOC_OBJECT && doc_next(value, &cursor, &name, &member)) {
        struct doc *put = spoiled(member, at, way);
        if (put != NULL) {
            doc_set(copy, name, put);
        }
    }
    for (size_t i = 0; doc_kind(value) == DOC_ARRAY && i < doc_count(value); i++) {
        struct doc *put = spoiled(doc_at(value, i), at, way);
        if (put != NULL) {
            doc_push(copy, put);
        }
    }
    return copy;
}

static void judge(const struct tx_type *type, const struct doc *body)
{
    AUTO(doc_free) struct doc *readable = schema_readable(type->fields, body);
    AUTO(doc_free) struct doc *again = schema_readable(type->fields, readable);
    struct faults faults = {0}, of_form = {0};
    int error = schema_check_fields(type->fields, body, NULL, &of_form);
    assert_true(doc_equal(again, readable));
    assert_true(error != 0 || doc_equal(readable, body));
    assert_int_equal(schema_check(type, body, &faults), error);
    assert_int_equal(schema_check(type, body, NULL), error);
    assert_true(faults.count >= of_form.count);
    for (size_t i = 0; i < of_form.count; i++) {
        assert_string_equal(faults.item[i].field, of_form.item[i].field);
    }
}

/* Each value of a body of each type missing, null, a number, a list: nothing that a check cannot
 * bear, and the faults of form are the first. */
static void each_check_bears_what_it_cannot_read(void **state)
{
    (void)state;
    size_t checked = 0;
    for (size_t i = 0; schema_at(i) != NULL; i++) {
        const struct tx_type *type = schema_at(i);
        checked += type->check != NULL;
        for (int way = 0; type->check != NULL && way < 2 * 4; way++) {
            AUTO(doc_free) struct doc *body = sample_object(type->fields, way % 2 != 0);
            judge(type, body);
            bool more = true;
            for (long place = 1; more; place++) {
                long at = place;
                AUTO(doc_free) struct doc *bad = spoiled(body, &at, way / 2);
                judge(type, bad);
                more = at < 0;
            }
        }
    }
    assert_true(checked >= 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_tells_form_and_content),
        cmocka_unit_test(what_cannot_be_read_is_told_once),
        cmocka_unit_test(a_profile_tells_form_and_rules),
        cmocka_unit_test(a_suspension_tells_its_report),
        cmocka_unit_test(an_officer_tells_day_and_hands),
        cmocka_unit_test(a_request_tells_its_commitments),
        cmocka_unit_test(a_need_and_a_fusion_tell_their_use),
        cmocka_unit_test(a_listing_tells_its_conditions),
        cmocka_unit_test(a_delegation_tells_its_types),
        cmocka_unit_test(each_check_bears_what_it_cannot_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
