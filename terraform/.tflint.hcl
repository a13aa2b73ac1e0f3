# The rules that come with tflint, all of them; Google's own set is no part of it.
plugin "terraform" {
  enabled = true
  preset  = "all"
}
