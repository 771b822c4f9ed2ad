/* Forms for paper: the boxes of the annexes in their order, filled in from records; printed so that
 * nothing in a record becomes markup or a formula. */
#include "check.h"

#include "base/errors.h"
#include "base/memory.h"
#include "exchange/form.h"
#include "exchange/form_records.h"
#include "exchange/sheet.h"
#include "exchange/xlsx.h"

#include <string.h>

static struct doc *parsed(const char *json)
{
    struct doc *doc = NULL;
    assert_int_equal(doc_parse(&doc, view_of_text(json), 65536), 0);
    return doc;
}

/* "title|number" and the texts of all rows: [甲|乙], a label with ":" behind it. */
static const char *shown(struct buf *out, const struct doc *form)
{
    const struct doc *rows = doc_get(form, "rows");
    buf_clear(out);
    buf_append_format(out, "%s|%s\n", doc_get_text(form, "title"), doc_get_text(form, "number"));
    for (size_t i = 0; i < doc_count(rows); i++) {
        const struct doc *cells = doc_get(doc_at(rows, i), "cells");
        int64_t span = 0;
        for (size_t k = 0; k < doc_count(cells); k++) {
            const struct doc *cell = doc_at(cells, k);
            buf_append_format(out, "%s%s%s", k == 0 ? "" : "|", doc_get_text(cell, "text"),
                              doc_get_bool(cell, "label", false) ? ":" : "");
            span += doc_get_int(cell, "span", 0);
        }
        assert_int_equal(span, doc_get_int(form, "columns", 0));
        buf_append_text(out, "\n");
    }
    return buf_text(out);
}

static const char policy[] = "{\"title\":\"长宁区公共数据管理办法\"}";
static const char center[] = "{\"name\":\"长宁区科学技术委员会\"}";
/* 2026-02-12 23:30 in Beijing, still the day before in UTC. */
#define REVIEWED "1770910200000"
static const char collection[] =
    "{\"status\":\"certified\",\"number\":\"CNZYHJ260001\",\"report\":{\"method\":\"service\","
    "\"system\":\"民政业务系统\",\"content\":\"社会组织登记\",\"tables\":3,\"rows\":12000},"
    "\"review\":{\"decision\":\"accept\",\"time_ms\":" REVIEWED "}}";

static void the_certificate_of_collection(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *profile = parsed(policy);
    AUTO(doc_free) struct doc *certifier = parsed(center);
    AUTO(doc_free) struct doc *provider = parsed("{\"name\":\"区民政局\"}");
    AUTO(doc_free) struct doc *record = parsed(collection);
    AUTO(buf_free) struct buf out = {0};
    struct form_facts facts = {.profile = profile,
                               .center = certifier,
                               .provider = provider,
                               .collection = record,
                               .contact = "张三"};
    AUTO(doc_free) struct doc *form = form_of_collection(&facts);
    assert_string_equal(shown(&out, form),
                        "长宁区公共数据汇聚成果认定表|编号：CNZYHJ260001\n"
                        "单位名称:|区民政局\n"
                        "联络人:|张三|联络方式:|\n"
                        "系统名称:|民政业务系统|资源表（张）:|3\n"
                        "内容描述:|社会组织登记|汇聚量（条）:|12000\n"
                        "汇聚方式:|□库表对接　■接口对接　□离线导入　\n"
                        "负责人：\n\n长宁区科学技术委员会（印章）\n\n日期：2026年2月12日\n");
    /* What is not certified has neither number nor date, whatever the record held before. */
    doc_set_text(record, "status", "due");
    AUTO(doc_free) struct doc *draft = form_of_collection(&facts);
    shown(&out, draft);
    assert_non_null(strstr(buf_text(&out), "编号：（尚未认定）"));
    assert_non_null(strstr(buf_text(&out), "日期：　　年　月　日"));
    assert_null(strstr(buf_text(&out), "CNZYHJ260001"));
    assert_null(strstr(buf_text(&out), "2026年"));
}

static const char request[] =
    "{\"number\":\"CNZYSQ260001\",\"route\":\"provider\",\"submitted_ms\":1770825600000,"
    "\"request\":{\"purpose\":\"低保核查\",\"basis\":\"《社会救助暂行办法》\",\"goal\":"
    "\"在线核查\","
    "\"mode\":\"comparison\",\"system\":\"救助系统\",\"items\":[\"姓名\",\"出生日期\",\"已删项\"]}"
    "}";
static const char entry[] =
    "{\"entry\":{\"name\":\"社会组织负责人\",\"sharing\":\"authorised\",\"items\":["
    "{\"name\":\"姓名\",\"field\":\"XM\",\"type\":\"C\",\"length\":20},"
    "{\"name\":\"出生日期\",\"field\":\"CSRQ\",\"type\":\"D\",\"sharing\":\"none\"},"
    "{\"name\":\"注册资金\",\"type\":\"N\",\"length\":20,\"precision\":6}]}}";
#define REQUEST_HEAD                                                                               \
    "长宁区公共数据共享申请审核表|编号：CNZYSQ260001\n"                           \
    "申请单位:|区人社局\n"                                                                 \
    "申请人:||联络方式:|021-1\n"                                                            \
    "资源名称:|社会组织负责人\n"                                                        \
    "申请原因:|低保核查\n依据：《社会救助暂行办法》\n目标：在线核查\n" \
    "共享方式:|□基本查询　■接口对接　□数据同步　\n"                       \
    "用途系统:|救助系统\n"                                                                 \
    "申请单位：区人社局（印章）\n\n申请日期：2026年2月12日\n"
#define REQUEST_ITEMS                                                                              \
    "信息项清单:\n信息项中文名:|信息项英文名:|数据格式:|共享属性:\n"      \
    "姓名|XM|字符型（20）|授权共享\n出生日期|CSRQ|日期型|非共享\n已删项|||授权共享\n"

static void the_form_of_a_request(void **state)
{
    (void)state;
    static const struct {
        const char *answer, *opinion;
    } cases[] = {
        {NULL, "提供方审核意见：\n|提供方审核人：\n\n单位：区民政局（印章）\n\n"
               "审核日期：　　年　月　日\n"},
        {"{\"decision\":\"approve\",\"items\":[\"姓名\"],\"masked\":[\"姓名\"],\"terms\":"
         "\"仅本年\","
         "\"time_ms\":" REVIEWED "}",
         "提供方审核意见：\n同意共享。\n信息项限于：姓名\n须脱敏：姓名\n其他条件：仅本年|"
         "提供方审核人：\n\n"
         "单位：区民政局（印章）\n\n审核日期：2026年2月12日\n"},
        {"{\"decision\":\"approve\",\"deemed\":true,\"time_ms\":" REVIEWED "}",
         "提供方审核意见：\n逾期未答复，视作同意共享。|提供方审核人：\n\n单位：区民政局（印章）\n\n"
         "审核日期：2026年2月12日\n"},
        {"{\"decision\":\"refuse\",\"grounds\":{\"reasons\":[\"一\",\"二\"],\"legal_basis\":[{"
         "\"law\":"
         "\"数据安全法\",\"article\":\"第三十八条\"}]},\"time_ms\":" REVIEWED "}",
         "提供方审核意见：\n不同意共享。\n理由：一、二\n依据：数据安全法第三十八条|"
         "提供方审核人：\n\n"
         "单位：区民政局（印章）\n\n审核日期：2026年2月12日\n"},
    };
    AUTO(doc_free) struct doc *profile = parsed(policy);
    AUTO(doc_free) struct doc *provider = parsed("{\"name\":\"区民政局\"}");
    AUTO(doc_free) struct doc *consumer = parsed("{\"name\":\"区人社局\"}");
    AUTO(doc_free) struct doc *asked = parsed(request);
    AUTO(doc_free) struct doc *catalog = parsed(entry);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(doc_free)
        struct doc *answer = cases[i].answer == NULL ? NULL : parsed(cases[i].answer);
        AUTO(buf_free) struct buf out = {0};
        AUTO(buf_free) struct buf expected = {0};
        const struct form_facts facts = {.profile = profile,
                                         .provider = provider,
                                         .consumer = consumer,
                                         .entry = catalog,
                                         .request = asked,
                                         .answer = answer,
                                         .phone = "021-1"};
        AUTO(doc_free) struct doc *form = form_of_request(&facts);
        buf_append_format(&expected, "%s%s%s", REQUEST_HEAD, cases[i].opinion, REQUEST_ITEMS);
        assert_string_equal(shown(&out, form), buf_text(&expected));
    }
}

/* What is shared without conditions is said to be shared once it is: not while the center assesses
 * the way of use (PT 21), nor after it refused that. */
static void the_form_of_a_request_that_nobody_answers(void **state)
{
    (void)state;
    static const struct {
        const char *request, *opinion;
    } cases[] = {
        {"{\"route\":\"unconditional\",\"status\":\"granted\"}", "无条件共享，备案后即予共享。"},
        {"{\"route\":\"unconditional\",\"status\":\"assessing\"}", ""},
        {"{\"route\":\"unconditional\",\"status\":\"withdrawn\"}", ""},
        {"{\"route\":\"unconditional\",\"status\":\"not-accepted\",\"assessment\":{\"mode\":"
         "\"refuse\",\"opinion\":\"接口即可满足\"}}",
         "使用方式技术评估未通过。\n评估意见：接口即可满足"},
        {"{\"route\":\"unconditional\",\"status\":\"granted\",\"assessment\":{\"mode\":"
         "\"accept\",\"opinion\":\"一次取用，技术可行\"}}",
         "无条件共享，评估通过后即予共享。使用方式技术评估通过。\n评估意见：一次取用，技术可行"},
        {"{\"route\":\"scenario\",\"status\":\"granted\",\"assessment\":{\"scenario\":"
         "\"accept\",\"mode\":\"accept\",\"opinion\":\"符合\"}}",
         "应用场景评估通过。使用方式技术评估通过。\n评估意见：符合"},
        {"{\"route\":\"provider\",\"status\":\"pending\",\"assessment\":{\"scenario\":\"refuse\","
         "\"opinion\":\"不属该场景\"}}",
         "应用场景评估未通过。\n评估意见：不属该场景"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(doc_free) struct doc *asked = parsed(cases[i].request);
        AUTO(buf_free) struct buf out = {0};
        AUTO(buf_free) struct buf expected = {0};
        const struct form_facts facts = {.request = asked};
        AUTO(doc_free) struct doc *form = form_of_request(&facts);
        buf_append_format(&expected, "\n提供方审核意见：\n%s|提供方审核人：", cases[i].opinion);
        assert_non_null(strstr(shown(&out, form), buf_text(&expected)));
    }
}

/* PT 24: what was decided over the provider's head is no opinion of its, and stands beside it. */
static void the_form_of_a_request_that_was_ruled_on(void **state)
{
    (void)state;
    static const char of_it[] = "{\"items\":[\"姓名\"],\"expires_ms\":" REVIEWED "}";
    static const struct {
        const char *decided_by, *grant, *opinion;
    } cases[] = {
        {"ruling", of_it,
         "不同意共享。\n\n协调处理结论：同意共享。\n授权信息项：姓名\n有效期至：2026年2月12日|"},
        {"settlement", of_it,
         "不同意共享。\n\n双方协商一致：同意共享。\n授权信息项：姓名\n有效期至：2026年2月12日|"},
        {"ruling", NULL, "不同意共享。\n\n协调处理结论：不同意共享。|"},
    };
    AUTO(doc_free) struct doc *answer = parsed("{\"decision\":\"refuse\"}");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(doc_free) struct doc *asked = doc_new_object();
        AUTO(doc_free) struct doc *grant = cases[i].grant == NULL ? NULL : parsed(cases[i].grant);
        AUTO(buf_free) struct buf out = {0};
        doc_set_text(asked, "decided_by", cases[i].decided_by);
        const struct form_facts facts = {.request = asked, .answer = answer, .grant = grant};
        AUTO(doc_free) struct doc *form = form_of_request(&facts);
        assert_non_null(strstr(shown(&out, form), cases[i].opinion));
    }
}

/* ---- printed ---- */

static void nothing_in_a_record_is_markup(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *record = parsed(collection);
    AUTO(doc_free)
    struct doc *provider = parsed("{\"name\":\"<script>alert(1)</script>&\\\"'=1+1\"}");
    AUTO(buf_free) struct buf html = {0};
    AUTO(buf_free) struct buf xlsx = {0};
    AUTO(workbook_free) struct workbook book = {0};
    const struct form_facts facts = {
        .provider = provider, .collection = record, .contact = "=1+1", .phone = "_x0041_"};
    AUTO(doc_free) struct doc *form = form_of_collection(&facts);
    form_append_html(&html, form);
    const char *page = buf_text(&html);
    assert_null(strstr(page, "<script"));
    assert_null(strstr(page, "://"));
    assert_non_null(strstr(page, "&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;'=1+1</td>"));
    assert_non_null(strstr(page, "<h1>公共数据汇聚成果认定表</h1>"));
    assert_int_equal(form_write_xlsx(&xlsx, form), 0);
    assert_int_equal(xlsx_read(&book, view_of_buf(&xlsx)), 0);
    const struct sheet *sheet = &book.sheets[0];
    assert_string_equal(sheet_row_text(sheet_row_at(sheet, 1), 0), "公共数据汇聚成果认定表");
    assert_string_equal(sheet_row_text(sheet_row_at(sheet, 3), 1),
                        "<script>alert(1)</script>&\"'=1+1");
    assert_string_equal(sheet_row_text(sheet_row_at(sheet, 4), 1), "=1+1");
    assert_string_equal(sheet_row_text(sheet_row_at(sheet, 4), 3), "_x0041_");
    assert_string_equal(sheet_row_text(sheet_row_at(sheet, 6), 3), "12000");
}

/* A box of a workbook holds 32,767 characters: a longer text is refused, not left out. */
static void a_text_that_fits_no_box(void **state)
{
    (void)state;
    for (size_t span = 1; span <= 2; span++) {
        AUTO(buf_free) struct buf text = {0};
        for (size_t i = 0; i < 32767; i++) {
            buf_append_text(&text, "由");
        }
        for (size_t over = 0; over <= 1; over++) {
            AUTO(buf_free) struct buf json = {0};
            AUTO(buf_free) struct buf xlsx = {0};
            AUTO(workbook_free) struct workbook book = {0};
            AUTO(doc_free) struct doc *form = NULL;
            buf_append_text(&text, over == 1 ? "由" : "");
            buf_append_format(&json,
                              "{\"title\":\"表\",\"number\":\"\",\"columns\":2,\"rows\":[{"
                              "\"cells\":[{\"span\":%zu,\"text\":\"%s\"}]}]}",
                              span, buf_text(&text));
            assert_int_equal(doc_parse(&form, view_of_buf(&json), 262144), 0);
            int error = form_write_xlsx(&xlsx, form);
            assert_int_equal(error, over == 1 ? ERR_SHEET_LARGE : 0);
            if (error == 0) {
                assert_int_equal(xlsx_read(&book, view_of_buf(&xlsx)), 0);
                assert_string_equal(sheet_row_text(sheet_row_at(&book.sheets[0], 3), 0),
                                    buf_text(&text));
            }
        }
    }
}

/* ---- whose form it is ---- */

/* 2026-02-12T00:00:00+08:00 */
#define FROM_FIRST "1770825600000"
#define FIRST_KEY "profile/0000019c4d6e4c00"

static int read_ledger(void *context, struct doc **out, const char *key)
{
    static const char *const records[][2] = {
        {"profile", "{\"profile\":{\"title\":\"普陀区公共数据管理办法\"}}"},
        {FIRST_KEY, "{\"profile\":{\"title\":\"长宁区公共数据管理办法\"}}"},
        {"center", "{\"id\":\"C\"}"},
        {"collection/P/E", "{\"report\":{},\"profile_ms\":" FROM_FIRST "}"},
        {"request/1", "{\"number\":\"CNZYSQ260001\",\"profile_ms\":" FROM_FIRST "}"},
        {"request/2", "{\"number\":\"PTGXSQ260001\"}"},
    };
    (void)context;
    for (size_t i = 0; i < COUNT_OF(records); i++) {
        if (strcmp(records[i][0], key) == 0) {
            *out = parsed(records[i][1]);
        }
    }
    return 0;
}

/* Once another district's document is in force, what was decided before keeps its district. */
static void a_form_is_titled_by_the_policy_of_its_record(void **state)
{
    (void)state;
    static const struct {
        const char *request, *title;
    } cases[] = {{"1", "长宁区公共数据共享申请审核表"}, {"2", "普陀区公共数据共享申请审核表"}};
    bool found = false;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(form_records_free) struct form_records records = {.items = {NULL}};
        assert_int_equal(form_read_request(&records, &found, read_ledger, NULL, cases[i].request),
                         0);
        const struct form_facts facts = form_facts_of(&records);
        AUTO(doc_free) struct doc *form = form_of_request(&facts);
        assert_string_equal(doc_get_text(form, "title"), cases[i].title);
    }
    AUTO(form_records_free) struct form_records records = {.items = {NULL}};
    assert_int_equal(form_read_collection(&records, &found, read_ledger, NULL, "P", "E"), 0);
    const struct form_facts facts = form_facts_of(&records);
    AUTO(doc_free) struct doc *form = form_of_collection(&facts);
    assert_string_equal(doc_get_text(form, "title"), "长宁区公共数据汇聚成果认定表");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_certificate_of_collection),
        cmocka_unit_test(the_form_of_a_request),
        cmocka_unit_test(the_form_of_a_request_that_nobody_answers),
        cmocka_unit_test(the_form_of_a_request_that_was_ruled_on),
        cmocka_unit_test(nothing_in_a_record_is_markup),
        cmocka_unit_test(a_text_that_fits_no_box),
        cmocka_unit_test(a_form_is_titled_by_the_policy_of_its_record),
    };
    return cmocka_run_group_tests_name("form", tests, NULL, NULL);
}
