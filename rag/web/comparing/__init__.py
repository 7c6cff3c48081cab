"""The page that asks one question of every report. ``page.show_compare_page`` draws it."""
