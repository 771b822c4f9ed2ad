/* Codes of information resources (发改高技〔2017〕1272号, named by CN 1; C1 信息资源代码).
 *
 *   3 01 001 0102 / 000017
 *   │ │  │   │      └ 顺序号: from 1 within the classification, given by the ledger
 *   │ │  │   └ 细目: as many digits as it takes, here at most 9; none where not divided further
 *   │ │  └ 目: three digits
 *   │ └ 项: two digits
 *   └ 类: 1 基础, 2 主题, 3 部门
 *
 * The agency classifies; the serial is the ledger's, counted in resource/<classification> and never
 * counted back: a code is given once, whatever becomes of its entry. An entry keeps its code as
 * long as it keeps its classification. */
#include "base/errors.h"
#include "chain/rules/catalog.h"
#include "chain/rules/records.h"

#include <inttypes.h>
#include <string.h>

#define CLASS_CLAUSE "发改高技〔2017〕1272号"

/* The kind of resource that the first digit stands for; NULL if it stands for none. */
static const char *kind_of_class(const char *code)
{
    return *code == '1' ? "basic" : *code == '2' ? "theme" : *code == '3' ? "department" : NULL;
}

/* CN 2: 按照一定的分类方法进行排序和编码: a profile with the section has no entry without a code.
 */
void class_code_check_demanded(struct rule_context *context, const struct doc *entry)
{
    if (doc_get(entry, "class_code") != NULL) {
        return;
    }
    const struct doc *classification = rule_profile_at(context, "classification");
    if (classification != NULL) {
        rule_fault(context, ERR_FIELD_MISSING, doc_get_text(classification, "clause"),
                   "entry.class_code");
    }
}

void class_code_check(struct rule_context *context, const struct doc *entry)
{
    const char *code = doc_get_text(entry, "class_code");
    const char *kind = doc_get_text(entry, "resource_kind");
    if (code == NULL) {
        return;
    }
    const char *stands_for = kind_of_class(code);
    if (stands_for == NULL || strspn(code, "0123456789") != strlen(code)) {
        faults_note_may(context->faults, ERR_FIELD_FORMAT, "class-code");
        rule_fault(context, ERR_FIELD_FORMAT, CLASS_CLAUSE, "entry.class_code");
    } else if (kind != NULL && strcmp(kind, stands_for) != 0) {
        rule_fault(context, ERR_FIELD_CHOICE, CLASS_CLAUSE, "entry.resource_kind");
    }
}

void resource_code_assign(struct rule_context *context, struct doc *record)
{
    const char *class_code = doc_get_text(doc_get(record, "entry"), "class_code");
    const char *before = doc_get_text(record, "resource_code");
    size_t len = class_code == NULL ? 0 : strlen(class_code);
    if (class_code == NULL) {
        doc_remove(record, "resource_code");
        return;
    }
    if (before != NULL && strncmp(before, class_code, len) == 0 && before[len] == '/') {
        return;
    }
    char key[RECORD_KEY_BYTES];
    record_key(key, "resource/%s", class_code);
    struct doc *serial = record_edit(state_get(context->state, key));
    int64_t last = doc_get_int(serial, "last", 0) + 1;
    doc_set_int(serial, "last", last);
    state_put(context->state, key, serial);
    doc_set_format(record, "resource_code", "%s/%06" PRId64, class_code, last);
}
