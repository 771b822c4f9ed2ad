/* The language of scenarios, read line by line. What a lawyer reads is what is played:
 *
 *   # …                                        a remark
 *   政策 putuo                                  the profile (first), a name or a path
 *   开始 2026-01-05 09:00                       the genesis; Beijing time everywhere
 *   单位 市民政局 甲                              a name for a seat: 中心 甲 乙 丙 主管,
 *                                              and 新, no member yet
 *   模板 申请 {…}                                a body to build upon
 *   模板 新政策 按 现行政策 {…}                    the same upon another; 现行政策 is the profile
 *                                              in force
 *   于 2026-02-12 10:00                         time goes by, block by block
 *   停摆至 2026-02-27 09:00                      no block until then: an outage
 *   市民政局 编制 提交 request.submit 按 申请 记为 甲案 {…}
 *                                              a transaction by that key, which is accepted; "按"
 *                                              and "记为" may be left out; the object may go on
 *                                              over further lines, which begin with a space
 *   市民政局 编制 不得 request.submit grounds-missing grounds.reasons {…}
 *                                              the same, refused with this code, at this field;
 *                                              — for what is wrong with the signer
 *   届满 2026-02-26 24:00 request/$甲案 pending 变为 granted 依据 PT 20
 *                                              a millisecond before, the status is the one; in the
 *                                              block at that instant the other, by an automatic
 *                                              act of this clause
 *   届满 2026-02-26 24:00 request/$甲案 起 assess-overdue 依据 PT 14
 *                                              the act comes at that instant and not before
 *                                              (a second one at that instant: in that block)
 *   应为 request/$甲案 status granted            a field of a record, by its path; 无: not there
 *
 * $NAME is a named unit's code or a named transaction's id, in keys and in bodies. Keys are
 * 首席 编制 审核 审批 网关 管理, or the key's own name. Quotes are ' in bodies. Anywhere in a body
 * a text may stand for something else:
 *
 *   模板 NAME                          that template
 *   版本 KEY                           the current version of that record
 *   单号 KEY                           its number
 *   字段 digest KEY                    that text of it
 *   摘要 WORDS                         a digest, of the paper that the words name
 *   时刻 2026-03-02 10:00              that time
 *   公钥 $UNIT/KEY                     a new key of that unit
 *   持有证明 $UNIT/KEY                 the proof that somebody holds it
 *   市级入网申请 $UNIT                  a newcomer's signed request to join as the city's platform
 */
#ifndef DIRCHAIN_TESTS_SCENARIO_SCRIPT_H
#define DIRCHAIN_TESTS_SCENARIO_SCRIPT_H

#include <stddef.h>

struct script_result {
    size_t transactions, refusals, ends, checks; /* what was played */
    unsigned long long height;
};

/* Plays the file; prints a line for each step if `loud`. Fails the cmocka test that runs it, with
 * the file and the line, at the first step that is not as the scenario says. */
void script_play(const char *path, int loud, struct script_result *result);

#endif
