"""The screens of the practice: members, posts, readings, the journal and its copies."""
