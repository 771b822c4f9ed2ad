/* One table of words, in byte order, so that it is searched by halves. A word that means something
 * else as the value of one member stands there as "member:word" too. */
#include "exchange/words.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct word {
    const char *english;
    const char *chinese;
};

static const struct word words[] = {
    {"accept", "通过"},
    {"accepted", "已通过"},
    {"active", "有效"},
    {"adjusted", "已调整"},
    {"adjusting", "按方案调整中"},
    {"admin", "管理"},
    {"agreed", "一致"},
    {"agreement", "待签协议"},
    {"applied", "已申请"},
    {"approve", "同意"},
    {"assessing", "评估中"},
    {"assessment-overdue", "逾期未评估"},
    {"at-once", "即时授权"},
    {"audit", "审计"},
    {"auditor", "审计方"},
    {"authorised", "授权共享"},
    {"barred", "不再共享，依规不予同意"},
    {"block", "区块"},
    {"center", "中心"},
    {"certified", "已认定"},
    {"changes", "日志同步"},
    {"chief", "首席数据官"},
    {"closed", "非开放"},
    {"closing", "回执中"},
    {"collect-overdue", "逾期未归集"},
    {"collected", "已归集"},
    {"comparison", "批量比对"},
    {"compile", "编制"},
    {"compile-overdue", "逾期未编制"},
    {"complete", "完成"},
    {"conditional", "有条件开放"},
    {"consumer", "使用方"},
    {"current", "按期更新"},
    {"deemed-approved", "视作同意"},
    {"delegation-expired", "委托到期"},
    {"differs", "不一致"},
    {"duty", "职责"},
    {"effect:remove", "收回席位"},
    {"effect:report", "仅记录在案，由人处置"},
    {"effect:suspend", "收回席位并暂停成员"},
    {"empty", "无数据"},
    {"ended", "已终止（使用方）"},
    {"ended-with-entry", "随目录终止"},
    {"entry", "目录"},
    {"entry-changed", "目录已变更，授权将调整"},
    {"entry-retired", "目录已删除，授权将终止"},
    {"equivocation", "双重签名"},
    {"escalated", "提请协调"},
    {"exempt", "依法不归集"},
    {"expired", "已到期"},
    {"failed", "失败"},
    {"file", "文件"},
    {"filed", "已登记"},
    {"format:database", "数据库"},
    {"format:document", "电子文件"},
    {"format:domain", "特殊行业领域的通用格式"},
    {"format:image", "图形图像"},
    {"format:location", "位置信息"},
    {"format:self-describing", "自描述格式"},
    {"format:sensor", "泛感知数据"},
    {"format:spreadsheet", "电子表格"},
    {"format:stream", "流媒体"},
    {"gateway", "网关"},
    {"granted", "已授权"},
    {"in-time", "按期办结"},
    {"intake", "受理审查"},
    {"lacks-both", "双方回执缺失"},
    {"lacks-consumer", "缺使用方回执"},
    {"lacks-provider", "缺提供方回执"},
    {"lapsed", "届满处置"},
    {"late", "逾期办结"},
    {"level:district", "区县级"},
    {"level:municipal", "市级"},
    {"level:national", "国家级"},
    {"level:provincial", "省级"},
    {"maintain-overdue", "逾期未全面维护"},
    {"member", "成员"},
    {"member-suspended", "成员暂停"},
    {"moving", "传输中"},
    {"narrowed-with-entry", "随目录缩减"},
    {"none", "非共享"},
    {"not-accepted", "不予受理"},
    {"observer", "观察节点"},
    {"office:chief", "首席数据官"},
    {"office:data", "数据执行专员"},
    {"opening", "发起中"},
    {"opening:unconditional", "无条件开放"},
    {"outage", "停机记录"},
    {"overdue", "逾期未办"},
    {"partial", "部分"},
    {"pending", "待答复"},
    {"precommit", "预提交"},
    {"prevote", "预投票"},
    {"provider", "提供方"},
    {"published", "已发布"},
    {"query", "基本查询"},
    {"queue", "消息队列"},
    {"recollect-overdue", "逾期未汇聚更新"},
    {"refresh-overdue", "逾期未更新数据"},
    {"refusal-unfounded", "无依据拒绝归集"},
    {"refuse", "不同意"},
    {"refused", "不同意"},
    {"removal-ordered", "决定收回席位"},
    {"removal-waits", "收回席位待法定人数"},
    {"removed", "已移除"},
    {"request", "申请"},
    {"resolved", "已处理"},
    {"resource_kind:basic", "基础"},
    {"resource_kind:department", "部门"},
    {"resource_kind:theme", "主题"},
    {"resubmission-overdue", "逾期未重新提交"},
    {"retired", "已撤销"},
    {"return", "退回"},
    {"returned", "已退回"},
    {"review", "审核"},
    {"review-overdue", "逾期未审查"},
    {"revoked", "已提前终止"},
    {"role:approve", "审批"},
    {"role:review", "审核"},
    {"route:provider", "提供方审核"},
    {"route:unconditional", "无条件共享"},
    {"running", "进行中"},
    {"scenario", "场景授权"},
    {"service", "接口"},
    {"sharing:unconditional", "无条件共享"},
    {"silence:approve", "视作同意"},
    {"silence:escalate", "提请协调"},
    {"static", "静态数据"},
    {"status:due", "待归集"},
    {"status:met", "已完成"},
    {"status:open", "待完成"},
    {"submitted", "待审查"},
    {"supervisor", "主管部门"},
    {"suspended", "已暂停"},
    {"suspended-unused", "未使用，已暂停"},
    {"table", "库表"},
    {"term-moved", "期限顺延"},
    {"terminated", "已终止"},
    {"transaction", "交易"},
    {"type:B", "双精度型"},
    {"type:C", "字符型"},
    {"type:D", "日期型"},
    {"type:F", "浮点型"},
    {"type:G", "通用型"},
    {"type:I", "整型"},
    {"type:L", "逻辑型"},
    {"type:M", "备注型"},
    {"type:N", "数值型"},
    {"type:T", "日期时间型"},
    {"type:Y", "货币型"},
    {"unconditional", "无条件"},
    {"unfounded", "无依据拒绝归集"},
    {"update-overdue", "逾期未更新目录"},
    {"update:daily", "每日"},
    {"update:irregular", "不定期"},
    {"update:monthly", "每月"},
    {"update:quarterly", "每季度"},
    {"update:realtime", "实时"},
    {"update:static", "静态"},
    {"update:weekly", "每周"},
    {"update:yearly", "每年"},
    {"upper", "市级平台"},
    {"validator", "验证节点"},
    {"validator-removed", "席位已收回"},
    {"verifying", "核实中"},
    {"waiting", "等待提供方"},
    {"withdrawn", "已撤回"},
};

static int compare(const void *key, const void *element)
{
    return strcmp(key, ((const struct word *)element)->english);
}

static const char *look_up(const char *word)
{
    const struct word *found =
        bsearch(word, words, sizeof words / sizeof *words, sizeof *words, compare);
    return found == NULL ? NULL : found->chinese;
}

const char *word_chinese(const char *member, const char *word)
{
    char qualified[64];
    const char *found = NULL;
    if (word == NULL) {
        return NULL;
    }
    if (member != NULL) {
        int len = snprintf(qualified, sizeof qualified, "%s:%s", member, word);
        found = len > 0 && (size_t)len < sizeof qualified ? look_up(qualified) : NULL;
    }
    return found != NULL ? found : look_up(word);
}
