// LineEdit
