"""A review list as the page shows it: entries one after the other, answers, what is fetched ahead."""
