# What Google would answer, where the rest depends on its form.

mock_data "google_project" {
  defaults = {
    number = "123456789012"
  }
}
