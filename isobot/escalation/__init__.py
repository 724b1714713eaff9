"""The hand-over of an escalation to the clinic: a record without words, kept until every destination has it."""
