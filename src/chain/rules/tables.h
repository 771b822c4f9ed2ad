/* How the tables of transaction types are written, and what they share.
 *
 *   tables_<family>.c  the bodies: fields, bounds, meaning, clause; who may sign; what it costs
 *   <family>.c         the functions that apply them
 *
 * Codes in the protocol are English words; categories that the law itself lists by name (duties)
 * keep their Chinese names. A field that is required only in some case is optional in the table
 * and checked by the rule. */
#ifndef DIRCHAIN_CHAIN_RULES_TABLES_H
#define DIRCHAIN_CHAIN_RULES_TABLES_H

#include "chain/rule.h"

/* One field: F(name, KIND, required, min, max, english, chinese, clause). A TEXT that may not be
 * empty has to say something, whether it is required or not. */
#define F(field_name, field_kind, must, low, high, en, zh, law)                                    \
    {                                                                                              \
        .name = (field_name), .kind = FIELD_##field_kind, .required = (must),                      \
        .says = FIELD_##field_kind == FIELD_TEXT && (low) > 0, .min = (low), .max = (high),        \
        .english = (en), .chinese = (zh), .clause = (law)                                          \
    }
/* A text of any characters: the rule judges what it says. */
#define F_ANY_TEXT(field_name, must, low, high, en, zh, law)                                       \
    {                                                                                              \
        .name = (field_name), .kind = FIELD_TEXT, .required = (must), .min = (low), .max = (high), \
        .english = (en), .chinese = (zh), .clause = (law)                                          \
    }
#define F_CHOICE(field_name, must, texts, en, zh, law)                                             \
    {                                                                                              \
        .name = (field_name), .kind = FIELD_CHOICE, .required = (must), .choices = (texts),        \
        .english = (en), .chinese = (zh), .clause = (law)                                          \
    }
#define F_OBJECT(field_name, must, table, en, zh, law)                                             \
    {                                                                                              \
        .name = (field_name), .kind = FIELD_OBJECT, .required = (must), .fields = (table),         \
        .english = (en), .chinese = (zh), .clause = (law)                                          \
    }
#define F_LIST(field_name, must, low, high, each, en, zh, law)                                     \
    {                                                                                              \
        .name = (field_name), .kind = FIELD_LIST, .required = (must), .min = (low), .max = (high), \
        .element = (each), .english = (en), .chinese = (zh), .clause = (law)                       \
    }
#define F_END                                                                                      \
    {                                                                                              \
        .name = NULL                                                                               \
    }
/* The unnamed field that says what a list's elements are. */
#define EACH(field_kind, low, high)                                                                \
    {                                                                                              \
        .name = "", .kind = FIELD_##field_kind,                                                    \
        .says = FIELD_##field_kind == FIELD_TEXT && (low) > 0, .min = (low), .max = (high)         \
    }
#define EACH_CHOICE(texts)                                                                         \
    {                                                                                              \
        .name = "", .kind = FIELD_CHOICE, .choices = (texts)                                       \
    }
#define EACH_OBJECT(table)                                                                         \
    {                                                                                              \
        .name = "", .kind = FIELD_OBJECT, .fields = (table)                                        \
    }

#define MUST true
#define MAY false
#define BY(role) (1u << ROLE_##role)

/* ---- sections of the policy profile ---- */

#define F_CLAUSE F("clause", TEXT, MUST, 2, 100, "Where it comes from.", "依据条款。", NULL)
/* The length of a term: exactly one of these in a section (profile.c checks it). */
#define F_TERM_LENGTH(low)                                                                         \
    F("days", INT, MAY, low, TERM_WORKING_DAYS_MAX,                                                \
      "Working days; the day of receipt does not count.", "工作日数，收到当日不计。", "D14"),      \
        F("calendar_days", INT, MAY, 1, TERM_DAYS_MAX, "Or days of the calendar: 30 日.",          \
          "或自然日数。", "D14"),                                                                  \
        F("months", INT, MAY, 1, TERM_MONTHS_MAX,                                                  \
          "Or months, to the day of the same number; where there is none, to the month's last.",   \
          "或月数，至对应日止；无对应日的至月末。", "D14"),                                        \
        F("years", INT, MAY, 1, TERM_YEARS_MAX, "Or years, likewise.", "或年数，同上。", "D14")
/* A term and no more: what term_start_policy (terms.h) starts. */
extern const struct field fields_term_section[];

/* ---- shared by several families (tables_shared.c) ---- */

extern const char *const choices_role[];
extern const char *const choices_party[];
extern const char *const choices_method[];     /* ways to use data; access methods (E1, D1) */
extern const char *const choices_sharing[];    /* unconditional, authorised, none */
extern const char *const choices_opening[];    /* unconditional, conditional, closed */
extern const char *const choices_entry_format[];
extern const char *const choices_duty_category[];
extern const char *const choices_decision[];   /* accept, return */
extern const struct field each_reason[];       /* a reason with the field it concerns */
extern const char *const choices_notice[];     /* kinds of notices on data */
extern const char *const choices_disclosure[]; /* ways to make public */
extern const struct field each_member[];
extern const struct field each_item_name[];
extern const struct field fields_quota[];
extern const struct field each_row_filter[];
extern const struct field fields_grounds[]; /* of a refusal */
extern const struct field each_agreement_content[];
extern const struct field fields_profile_applicants[];
extern const struct field fields_profile_agreement[], fields_profile_fusion[];
extern const struct field fields_profile_collected[], fields_profile_upper[];
extern const struct field fields_profile_finding[], fields_profile_need[];
extern const struct field fields_profile_dispute[], fields_profile_ruling[];
extern const struct field fields_entry[]; /* content of a catalog entry */

/* What the center says of its report of a security risk (risks.c). */
#define F_RISK_REPORT                                                                              \
    F("authority", TEXT, MAY, 2, 200, "The authority for data security that it was reported to.",  \
      "已报送的数据安全监管部门。", "PT 31"),                                                      \
        F("document", HASH, MAY, 0, 0, "SHA-256 of the report.", "报送文书的 SHA-256 摘要。",      \
          "PT 31"),                                                                                \
        F_LIST("supervisors", MAY, 1, 8, each_member,                                              \
               "The supervisors it was reported to, of the members but the center; at least one, " \
               "where there is any.",                                                              \
               "已报送的主管部门（中心以外的成员单位，有的至少一个）。", "PT 31")

/* Why the center stops what a member does, where that may be for no risk. */
extern const char *const choices_cause[];
#define F_CAUSE                                                                                    \
    F_CHOICE("cause", MAY, choices_cause,                                                          \
             "Risk (if not given; authority, document and supervisors say to whom it was "         \
             "reported), order, a member's own request, or succession (papers).",                  \
             "事由：安全风险（缺省，须填写报送情况）、有权机关决定、本单位申请、撤并或者接任（须附"  \
             "文书）。",                                                                           \
             "PT 31"),                                                                             \
        F("papers", HASH, MAY, 0, 0, "SHA-256 of the paper that shows that it is no risk.",        \
          "非因安全风险的，相关文书的 SHA-256 摘要。", "PT 31"),                                   \
        F_RISK_REPORT

/* What whoever raises a dispute holds against what was refused or laid down. */
#define F_OBJECTION                                                                                \
    F("reason", TEXT, MUST, 2, 2000, "What is held against it, and why.", "异议及理由。",          \
      "PT 24, CN 17"),                                                                             \
        F("evidence", HASH, MAY, 0, 0, "SHA-256 of the papers.", "证明材料的 SHA-256 摘要。", NULL)

/* ---- what applies each type ---- */

typedef int rule_apply(struct rule_context *context);

rule_apply access_batch, access_open, access_refused;        /* access.c */
rule_apply agreement_sign;                                   /* agreements.c */
rule_apply request_answer;                                   /* answers.c */
rule_apply case_find, case_open;                             /* cases.c */
rule_apply catalog_bind, catalog_review, catalog_submit;     /* catalog.c */
rule_apply catalog_assess, catalog_change, catalog_retire;   /* catalog_change.c */
rule_apply catalog_withdraw;                                 /* catalog_change.c */
rule_apply plan_propose, plan_sign;                          /* plans.c */
rule_apply catalog_certify, catalog_collect, catalog_report; /* collection_reports.c */
rule_apply delegation_end, delegation_grant;                 /* delegations.c */
rule_apply catalog_designate, designation_withdraw;          /* designations.c */
/* disputes.c, dispute_rule.c */
rule_apply dispute_raise, dispute_refer, dispute_rule, dispute_settle, dispute_withdraw;
rule_apply grant_object;                    /* disuse.c */
rule_apply duty_publish, duty_retire;       /* duties.c */
rule_apply feedback_check, feedback_submit; /* feedback.c */
/* fusion.c */
rule_apply fusion_conclude, fusion_extend, fusion_review, fusion_serve, fusion_submit;
rule_apply fusion_withdraw;
rule_apply calendar_publish;                                /* governance.c */
rule_apply grant_end;                                       /* grants.c */
rule_apply grant_restore, grant_suspend, grant_terminate;   /* holds.c */
rule_apply incident_close, incident_report;                 /* incidents.c */
rule_apply key_rotate;                                      /* key_rotate.c */
rule_apply key_restore, key_suspend;                        /* key_standing.c */
rule_apply key_add, key_retire;                             /* keys.c */
rule_apply open_adjust, open_list, open_order, open_review; /* listings.c */
rule_apply measure_impose, measure_lift;                    /* measures.c */
/* members.c */
rule_apply member_admit, member_remove, member_restore, member_suspend, member_update;
rule_apply catalog_milestone;                                           /* milestones.c */
rule_apply need_answer, need_intake, need_submit, need_withdraw;        /* needs.c */
rule_apply fusion_dispute;                                              /* dispute_fusion.c */
rule_apply need_dispute;                                                /* dispute_need.c */
rule_apply notice_file, notice_hold_later, notice_lift, notice_resolve; /* notices.c */
rule_apply officer_end, officer_register, officer_update;               /* officers.c */
rule_apply onward_answer, onward_ask, onward_record;                    /* onward.c */
/* orders.c */
rule_apply disclosure_publish, disclosure_withdraw, rectify_done, rectify_order, rectify_review;
rule_apply profile_publish, profile_withdraw;                                /* profile_dates.c */
rule_apply quality_answer, quality_close, quality_object;                    /* quality.c */
rule_apply access_receipt;                                                   /* receipts.c */
rule_apply request_assess, request_intake, request_submit, request_withdraw; /* requests.c */
rule_apply risk_handle;                                                      /* risks.c */
rule_apply catalog_attribute;                                                /* supervision.c */
rule_apply catalog_supplement, catalog_synchronise;                          /* supplements.c */
rule_apply catalog_maintain, catalog_refresh, open_evaluate;                 /* upkeep.c */
rule_apply upper_answer, upper_deliver, upper_forward, upper_receive;        /* upper.c */
rule_apply validator_change; /* validators_change.c */
rule_apply validator_resume; /* validators_resume.c */
rule_apply validator_rotate; /* validators_rotate.c */

/* What bodies say together, where their form is at fault (struct tx_type). */
typedef void rule_check(struct rule_context *context);

rule_check delegation_check_body; /* delegations.c */
rule_check entry_check_body;      /* catalog_check.c */
rule_check listing_check_body;    /* listing_check.c */
rule_check member_check_admit;    /* members.c */
rule_check officer_check_body;    /* officers.c */
rule_check profile_check_body;    /* profile.c */
rule_check request_check_body;    /* request_check.c */
rule_check open_check_review;     /* listings.c */
rule_check risk_check_body;       /* risks.c */
rule_check rule_check_review;     /* rule.c */
rule_check change_check_assess;   /* catalog_change.c */

/* ---- the types (registry.c lists them) ---- */

extern const struct tx_type type_access_batch, type_access_open, type_access_receipt;
extern const struct tx_type type_access_refused, type_agreement_sign, type_calendar_publish;
extern const struct tx_type type_plan_propose, type_plan_sign;
extern const struct tx_type type_case_find, type_case_open, type_catalog_assess;
extern const struct tx_type type_catalog_attribute, type_catalog_bind, type_catalog_certify;
extern const struct tx_type type_catalog_change, type_catalog_collect, type_catalog_designate;
extern const struct tx_type type_catalog_maintain, type_catalog_milestone, type_catalog_refresh;
extern const struct tx_type type_catalog_report, type_catalog_retire, type_catalog_review;
extern const struct tx_type type_catalog_submit, type_catalog_withdraw;
extern const struct tx_type type_catalog_supplement, type_catalog_synchronise, type_delegation_end;
extern const struct tx_type type_delegation_grant, type_designation_withdraw;
extern const struct tx_type type_disclosure_publish, type_disclosure_withdraw, type_dispute_raise;
extern const struct tx_type type_dispute_refer, type_dispute_rule, type_dispute_settle;
extern const struct tx_type type_dispute_withdraw, type_duty_publish, type_duty_retire;
extern const struct tx_type type_feedback_check, type_feedback_submit, type_fusion_conclude;
extern const struct tx_type type_fusion_dispute;
extern const struct tx_type type_fusion_extend, type_fusion_review, type_fusion_serve;
extern const struct tx_type type_fusion_submit, type_fusion_withdraw, type_grant_end;
extern const struct tx_type type_grant_object, type_grant_restore, type_grant_suspend;
extern const struct tx_type type_grant_terminate, type_incident_close, type_incident_report;
extern const struct tx_type type_key_add, type_key_restore, type_key_retire, type_key_rotate;
extern const struct tx_type type_key_suspend, type_measure_impose, type_measure_lift;
extern const struct tx_type type_member_admit, type_member_remove, type_member_restore;
extern const struct tx_type type_member_suspend, type_member_update, type_need_answer;
extern const struct tx_type type_need_dispute;
extern const struct tx_type type_need_intake, type_need_submit, type_need_withdraw;
extern const struct tx_type type_notice_file, type_notice_hold, type_notice_lift;
extern const struct tx_type type_notice_resolve;
extern const struct tx_type type_officer_end, type_officer_register, type_officer_update;
extern const struct tx_type type_onward_answer, type_onward_ask, type_onward_record;
extern const struct tx_type type_open_adjust, type_open_evaluate, type_open_list, type_open_order;
extern const struct tx_type type_open_review, type_profile_publish, type_profile_withdraw;
extern const struct tx_type type_quality_answer, type_quality_close, type_quality_object;
extern const struct tx_type type_rectify_done, type_rectify_order, type_rectify_review;
extern const struct tx_type type_request_answer, type_request_assess, type_request_intake;
extern const struct tx_type type_request_submit, type_request_withdraw, type_risk_handle;
extern const struct tx_type type_upper_answer;
extern const struct tx_type type_upper_deliver, type_upper_forward, type_upper_receive;
extern const struct tx_type type_validator_change, type_validator_resume, type_validator_rotate;

#endif
