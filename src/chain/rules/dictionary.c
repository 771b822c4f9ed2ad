/* The district's naming of person and legal-entity fields (CN 附件3 第三章): an item that uses one
 * of these English names has its Chinese name, type, and at most its length and decimals. */
#include "chain/rules/catalog.h"

#include <string.h>

struct dictionary_entry {
    const char *field;
    const char *names; /* alternatives divided by '/' */
    char type;         /* CESI 5.3.2: 字符 C, 日期 D, 数字 N */
    int64_t length;    /* 0: none given */
    int64_t decimals;  /* 小数位数: only 注册资金 has any */
};

static const struct dictionary_entry dictionary[] = {
    /* 3.1 人口 */
    {"XM", "姓名", 'C', 20, 0},
    {"XB", "性别", 'C', 10, 0},
    {"ZJLX", "证件类型", 'C', 20, 0},
    {"ZJHM", "证件号码", 'C', 20, 0},
    {"MZ", "民族", 'C', 10, 0},
    {"CSRQ", "出生日期", 'D', 10, 0},
    {"CSDXZ", "出生地详址", 'C', 200, 0},
    {"HJDXZ", "户籍地详址", 'C', 200, 0},
    {"JZDXZ", "居住地详址", 'C', 200, 0},
    {"FWCS", "服务处所/工作单位", 'C', 200, 0},
    {"HYZK", "婚姻状况", 'C', 10, 0},
    {"WHCD", "文化程度", 'C', 10, 0},
    /* 3.2 法人登记, 3.3 法定代表人, 3.4 法人变更 */
    {"uni_sc_id", "统一社会信用代码", 'C', 18, 0},
    {"organ_CODE", "组织机构代码", 'C', 10, 0},
    {"reg_no", "注册号/事业单位证书号", 'C', 60, 0},
    {"corp_name", "法人名称", 'C', 400, 0},
    {"person_name", "法定代表人/负责人", 'C', 60, 0},
    {"address", "住所/经营场所/注册地", 'C', 400, 0},
    {"business_address", "实际经营地址", 'C', 400, 0},
    {"zip", "邮编", 'C', 6, 0},
    {"telephone", "联系电话", 'C', 40, 0},
    {"establish_date", "设立日期/成立日期", 'D', 0, 0},
    {"reg_capital", "注册资金/开办资金（万元）", 'N', 20, 6},
    {"currency", "币种", 'C', 100, 0},
    {"business_scope", "经营范围/业务范围", 'C', 2000, 0},
    {"person_cert_type", "法定代表人证件类型", 'C', 40, 0},
    {"person_cert_CODE", "法定代表人证件号", 'C', 30, 0},
    {"change_item", "变更事项", 'C', 50, 0},
    {"change_benote", "变更前", 'C', 5000, 0},
    {"change_afnote", "变更后", 'C', 5000, 0},
    {"change_date", "变更日期", 'D', 0, 0},
    {"reg_organ", "登记注册机关", 'C', 200, 0},
};

/* Whether `name` is the whole of `names` or one of its alternatives. */
static bool is_alternative(const char *names, const char *name)
{
    size_t len = strlen(name);
    if (strcmp(names, name) == 0) {
        return true;
    }
    for (const char *at = names; at != NULL; at = strchr(at, '/')) {
        at += *at == '/';
        if (strncmp(at, name, len) == 0 && (at[len] == '/' || at[len] == 0)) {
            return true;
        }
    }
    return false;
}

bool dictionary_agrees(const struct doc *item)
{
    const char *field = doc_get_text(item, "field");
    const char *type = doc_get_text(item, "type"), *name = doc_get_text(item, "name");
    for (size_t i = 0; field != NULL && i < sizeof dictionary / sizeof *dictionary; i++) {
        const struct dictionary_entry *entry = &dictionary[i];
        if (entry->field[0] == field[0] && strcmp(entry->field, field) == 0) {
            return (name == NULL || is_alternative(entry->names, name)) &&
                   (type == NULL || type[0] == entry->type) &&
                   (entry->length == 0 || doc_get_int(item, "length", 0) <= entry->length) &&
                   doc_get_int(item, "precision", 0) <= entry->decimals;
        }
    }
    return true;
}
