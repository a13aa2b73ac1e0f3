variable "project_id" {
  description = "Project in which the APIs are enabled."
  type        = string
}

variable "services" {
  description = "APIs by their service name, such as `run.googleapis.com`."
  type        = set(string)

  validation {
    condition     = alltrue([for name in var.services : can(regex("^[a-z]+\\.googleapis\\.com$", name))])
    error_message = "An API's name looks like run.googleapis.com."
  }
}

variable "disable_on_destroy" {
  description = "Disables the APIs on `terraform destroy`."
  type        = bool
  default     = false
}
