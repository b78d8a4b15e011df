"""Review lists: cases that readers judge one after the other with a form, in one file that survives crashes."""
