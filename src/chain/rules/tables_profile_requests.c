/* The sections of the policy profile about requests. */
#include "chain/rules/tables.h"

const struct field fields_profile_dispute[] = {
    F("negotiate", BOOL, MUST, 0, 0,
      "Both sides negotiate first; the dispute goes on when that failed.",
      "双方先行协商，协商不成的再提请协调。", "PT 24, CN 17"),
    F_OBJECT("term", MAY, fields_term_section,
             "How long they negotiate at most, where the document says so.",
             "协商期限（文件有规定的）。", "PT 24"),
    F_CLAUSE,
    F_END,
};
static const char *const choices_ruler[] = {"center", "supervisor", NULL};
static const struct field each_ruler[] = {EACH_CHOICE(choices_ruler)};
const struct field fields_profile_ruling[] = {
    F_LIST("by", MUST, 1, 2, each_ruler, "Who rules.", "作出结论的一方。", "PT 24, CN 17"),
    F_OBJECT("term", MAY, fields_term_section, "In how long, where the document says so.",
             "作出结论的期限（文件有规定的）。", "PT 24, CN 17"),
    F_CLAUSE,
    F_END,
};

static const char *const choices_forwarder[] = {"center", "supervisor", NULL};
const struct field fields_profile_upper[] = {
    F_CHOICE("by", MUST, choices_forwarder, "Who forwards needs to the upper platform.",
             "向市级平台提出需求的一方。", "PT 23, CN 5"),
    F_CLAUSE,
    F_END,
};
